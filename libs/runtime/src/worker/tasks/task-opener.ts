import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { SourcePosition, TaskState } from '@millrace/store'
import type { Topology } from '@millrace/topology'
import { partitionKey, type TaskDefinition } from '../../assignment/task-definition.ts'
import type { Decision } from '../../decisions/decisions.ts'
import { readDecisions } from '../../decisions/read-decisions.ts'
import type { SourceNote } from '../../restore/kept-times.ts'
import { type OpenedState, wipeState } from '../../restore/open-state.ts'
import { type RestoreStateOptions, restoreState } from '../../restore/restore-state.ts'
import { RestoreCancelled } from '../../restore/restorer.ts'
import { readStartOffsets, type StartOffsets } from '../../restore/start-offsets.ts'
import { readSkips } from '../../skips/read-skips.ts'
import type { SkipRecord } from '../../skips/skip-record.ts'

/** A task's state at its position, ready for a `StreamTask`. */
export interface OpenedTask {
  readonly definition: TaskDefinition
  readonly state: TaskState | null
  readonly position: SourcePosition
  readonly startOffsets: ReadonlyMap<string, number>
  readonly sourceNotes: ReadonlyMap<string, SourceNote>
  /** Records of its sources, from there on, that an operator has passed over. */
  readonly skips: readonly SkipRecord[]
  /** What was decided by the clock about such records before. */
  readonly decisions: readonly Decision[]
}

export interface TaskOpenerOptions extends Omit<RestoreStateOptions, 'stores'> {
  readonly topology: Topology
  readonly groupId: string
  readonly startOffset: 'earliest' | 'latest'
  readonly cluster: Cluster
  /** Whether results of input that is not committed may be out. */
  readonly readsDecisions: boolean
  /** Ends what vanished owners left open. Done before any position is read. */
  readonly fence: () => Promise<void>
}

interface Opening {
  isCancelled: boolean
  readonly done: Promise<void>
}

const attemptsMax = 5

/**
 * Opens and restores tasks while the loop goes on with others; each comes back by `onOpened`.
 * What fails and is not passing goes to `onFailed`, and ends the worker.
 */
export class TaskOpener {
  readonly #options: TaskOpenerOptions
  readonly #onOpened: (opened: OpenedTask) => void
  readonly #onFailed: (error: unknown) => void
  readonly #openings = new Map<string, Opening>()
  /** States that stayed open from one run of a task to the next. */
  readonly #kept = new Map<string, OpenedState>()

  constructor(
    options: TaskOpenerOptions,
    onOpened: (opened: OpenedTask) => void,
    onFailed: (error: unknown) => void,
  ) {
    this.#options = options
    this.#onOpened = onOpened
    this.#onFailed = onFailed
  }

  /** `wipe` names a task whose state on disk proved unusable. */
  open(tasks: readonly TaskDefinition[], wipe: string | null = null): void {
    if (tasks.length === 0) return
    const offsets = this.#startOffsets(tasks)
    for (const task of tasks) {
      const opening: { isCancelled: boolean; done: Promise<void> } = {
        isCancelled: false,
        done: Promise.resolve(),
      }
      this.#openings.set(task.name, opening)
      opening.done = this.#open(task, opening, offsets, task.name === wipe).finally(() => {
        if (this.#openings.get(task.name) === opening) this.#openings.delete(task.name)
      })
    }
  }

  isOpening(task: string): boolean {
    return this.#openings.has(task)
  }

  /** Tasks whose states wait to be opened again. */
  get keptTasks(): readonly string[] {
    return [...this.#kept.keys()]
  }

  get openingTasks(): readonly string[] {
    return [...this.#openings.keys()]
  }

  /** The state of a task that is to be opened again at once: opening it anew reads all of it. */
  keep(task: string, state: OpenedState): void {
    this.#kept.set(task, state)
  }

  /** Resolves when the task's state is closed. */
  async cancel(task: string): Promise<void> {
    await this.#takeKept(task)?.state.close()
    const opening = this.#openings.get(task)
    if (opening === undefined) return
    opening.isCancelled = true
    this.#options.restorer.cancel(task)
    await opening.done
  }

  async #open(
    task: TaskDefinition,
    opening: Opening,
    offsets: Promise<StartingPoint>,
    wipe: boolean,
  ): Promise<void> {
    try {
      const opened = await this.#attempt(task, opening, offsets, wipe)
      if (opening.isCancelled) await opened.state?.close()
      else this.#onOpened(opened)
    } catch (error) {
      if (!opening.isCancelled && !(error instanceof RestoreCancelled)) this.#onFailed(error)
    }
  }

  /** The log may lose its start, or a leader move, while it is read: planned anew a few times. */
  async #attempt(
    task: TaskDefinition,
    opening: Opening,
    offsets: Promise<StartingPoint>,
    wipe: boolean,
  ): Promise<OpenedTask> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#openOnce(task, await offsets, wipe)
      } catch (error) {
        const isPassing =
          isMillraceError(error) &&
          (error.recovery === 'retry' || error.code === 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE')
        if (!isPassing || opening.isCancelled || attempt >= attemptsMax) throw error
        this.#options.logger.warn({ task: task.name, err: error }, 'opening a task is repeated')
      }
    }
  }

  async #openOnce(
    task: TaskDefinition,
    { offsets, skips, decisions }: StartingPoint,
    wipe: boolean,
  ): Promise<OpenedTask> {
    const { topology } = this.#options
    const stores = task.subTopology.stores.flatMap((name) => topology.stores.get(name) ?? [])
    const base = {
      definition: task,
      startOffsets: offsets.start,
      sourceNotes: offsets.sourceNotes,
      skips: skipsOf(task, offsets, skips),
      decisions: decisions.get(task.name) ?? [],
    }
    if (stores.length === 0)
      return { ...base, state: null, position: { sourceIndex: 0, offset: -1 } }
    const options = { ...this.#options, stores }
    const kept = this.#takeKept(task.name)
    if (wipe) {
      await kept?.state.close()
      await (await wipeState(task, options)).state.close()
    }
    const { state, position } = await restoreState(task, offsets, options, wipe ? null : kept)
    return { ...base, state, position }
  }

  #takeKept(task: string): OpenedState | null {
    const kept = this.#kept.get(task) ?? null
    this.#kept.delete(task)
    return kept
  }

  async #startOffsets(tasks: readonly TaskDefinition[]): Promise<StartingPoint> {
    const { cluster, groupId, applicationId, startOffset, fence, logger } = this.#options
    await fence()
    const offsets = await readStartOffsets(cluster, groupId, tasks, startOffset)
    const decisions = this.#options.readsDecisions
      ? await readDecisions(cluster, applicationId, tasks, offsets.start)
      : new Map<string, readonly Decision[]>()
    return { offsets, skips: await readSkips(cluster, applicationId, logger), decisions }
  }
}

/** What the tasks that are opened together have in common. */
interface StartingPoint {
  readonly offsets: StartOffsets
  readonly skips: readonly SkipRecord[]
  /** By task. */
  readonly decisions: ReadonlyMap<string, readonly Decision[]>
}

function skipsOf(
  task: TaskDefinition,
  offsets: StartOffsets,
  skips: readonly SkipRecord[],
): readonly SkipRecord[] {
  const keys = new Set(task.sources.map(partitionKey))
  return skips.filter((skip) => {
    const key = partitionKey(skip)
    return keys.has(key) && skip.offset >= (offsets.start.get(key) ?? 0)
  })
}
