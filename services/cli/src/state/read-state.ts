import { isMillraceError } from '@millrace/errors'
import type { StateBackends } from '@millrace/runtime'
import { inspectState, type StateReport } from '@millrace/store'

export interface TaskReport {
  readonly task: string
  /** Null where it cannot be read now, and where nothing was committed yet. */
  readonly state: StateReport | null
  /** Why it cannot be read; null where it can. */
  readonly problem: { readonly code: string; readonly message: string } | null
}

/** Looks at each task's state; one that is open elsewhere, or damaged, is named and left as it is. */
export async function readStates(
  backends: StateBackends,
  tasks: readonly string[],
): Promise<readonly TaskReport[]> {
  const reports: TaskReport[] = []
  for (const task of tasks) reports.push(await readState(backends, task))
  return reports
}

async function readState(backends: StateBackends, task: string): Promise<TaskReport> {
  try {
    const backend = await backends.open(task)
    try {
      return { task, state: (await inspectState(backend)) ?? null, problem: null }
    } finally {
      await backend.close()
    }
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return { task, state: null, problem: { code: error.code, message: error.message } }
  }
}
