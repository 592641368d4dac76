import { isMillraceError } from '@millrace/errors'
import { type SourcePosition, type StoreSpec, TaskState } from '@millrace/store'
import type { Logger } from '@millrace/telemetry'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import type { StateBackends } from './state-backends.ts'

export interface OpenStateOptions {
  readonly backends: StateBackends
  readonly applicationId: string
  readonly fingerprint: string
  readonly stores: readonly StoreSpec[]
  readonly cacheRowsMax: number
  readonly logger: Logger
}

/** Names the backend; a task, as a rule. */
type Named = Pick<TaskDefinition, 'name'>

/** A task's state and the position that its rows are stamped with. */
export interface OpenedState {
  readonly state: TaskState
  readonly position: SourcePosition
}

/**
 * Opens the state of a task. State that is corrupt, of another application or of another format is
 * deleted, loudly, and built anew from the changelog; a locked one stops the worker.
 */
export async function openState(task: Named, options: OpenStateOptions): Promise<OpenedState> {
  try {
    return await tryOpen(task, options)
  } catch (error) {
    if (!isMillraceError(error) || error.recovery !== 'restore-task') throw error
    options.logger.warn(
      { task: task.name, err: error },
      'the local state cannot be used; it is deleted and restored',
    )
    return wipeState(task, options)
  }
}

/** Deletes what lies on the disk, which must not be open, and opens an empty state. */
export async function wipeState(task: Named, options: OpenStateOptions): Promise<OpenedState> {
  await options.backends.destroy(task.name)
  return tryOpen(task, options)
}

async function tryOpen(task: Named, options: OpenStateOptions): Promise<OpenedState> {
  const { applicationId, fingerprint, stores, cacheRowsMax } = options
  const backend = await options.backends.open(task.name)
  const position: SourcePosition = { sourceIndex: 0, offset: -1 }
  const identity = { applicationId, taskId: task.name, fingerprint }
  try {
    const state = await TaskState.open({ backend, stores, identity, position, cacheRowsMax })
    return { state, position }
  } catch (error) {
    await backend.close()
    throw error
  }
}
