import type { CommittedOffset } from '@millrace/kafka'
import type { SealedChanges } from '@millrace/store'
import type { Clock } from '@millrace/time'
import { partitionKey } from '../assignment/task-definition.ts'
import { changelogTopic } from '../internal-topics/topic-names.ts'
import type { StreamTask } from '../task/stream-task.ts'
import type { Delivery } from './delivery.ts'

/** The steps of a commit, in order. A crash before each is a row of `docs/delivery.md`. */
export const commitSteps = ['seal', 'flush', 'offsets', 'commit', 'apply', 'publish'] as const

export type CommitStep = (typeof commitSteps)[number]

export interface CommitterOptions {
  readonly applicationId: string
  readonly delivery: Delivery
  readonly clock: Clock
  /** Called before the writes of a commit are flushed: the decision log. */
  readonly onSealed?: ((task: StreamTask) => void) | undefined
  /** Metrics and query view: what became durable. */
  readonly onPublish?: ((tasks: readonly StreamTask[]) => void) | undefined
  /** For tests: throwing here is a crash before the step. */
  readonly onCrashPoint?: ((step: CommitStep) => void) | undefined
}

/** `delayed`: the cluster would not decide now; ask again, the results are safe meanwhile. */
export type CommitOutcome = 'committed' | 'delayed' | 'nothing'

interface SealedTask {
  readonly task: StreamTask
  readonly changes: SealedChanges | null
  readonly offsets: readonly CommittedOffset[]
}

interface PendingCommit {
  readonly sealed: readonly SealedTask[]
  readonly offsets: readonly CommittedOffset[]
  /** Next offset of each changelog partition that was written. */
  readonly written: ReadonlyMap<string, number>
}

/**
 * The commit of all tasks of a worker: nothing of it is seen twice or lost, whatever step it stops
 * at, because the state is touched only after the cluster has decided, in one batch with positions.
 */
export class Committer {
  readonly #options: CommitterOptions
  #pending: PendingCommit | null = null

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  /** Rejects with whatever stopped it; the tasks must then be dropped and opened again. */
  async commit(tasks: readonly StreamTask[]): Promise<CommitOutcome> {
    const pending = this.#pending ?? (await this.#seal(tasks))
    if (pending === null) return 'nothing'
    this.#pending = pending
    if (!(await this.#decide(pending))) return 'delayed'
    await this.#settle(pending)
    this.#pending = null
    return 'committed'
  }

  /** Whether a commit was flushed and not yet decided. */
  get isPending(): boolean {
    return this.#pending !== null
  }

  async #seal(tasks: readonly StreamTask[]): Promise<PendingCommit | null> {
    const { delivery, onSealed } = this.#options
    for (const task of tasks) task.tick()
    const dirty = tasks.filter((task) => task.isDirty)
    if (dirty.length === 0 && delivery.producer.bufferedBytes() === 0) return null

    // 1 seal: what operators held back goes out, changes become changelog records.
    this.#reach('seal')
    const sealed: SealedTask[] = []
    for (const task of dirty) {
      const changes = await task.seal()
      sealed.push({ task, changes, offsets: task.inputOffsets() })
    }
    for (const task of tasks) onSealed?.(task)

    // 2 flush: all of it is acknowledged.
    this.#reach('flush')
    const written = await delivery.flush()
    return {
      sealed,
      offsets: sealed.flatMap((task) => task.offsets),
      written: new Map(written.map((end) => [partitionKey(end), end.offset])),
    }
  }

  async #decide(pending: PendingCommit): Promise<boolean> {
    const { delivery } = this.#options
    // 3 offsets: into the transaction, where there is one.
    this.#reach('offsets')
    await delivery.sendOffsets(pending.offsets)

    // 4 commit: the cluster decides.
    this.#reach('commit')
    try {
      await delivery.commit()
      return true
    } catch (error) {
      if (delivery.isRepeatable(error)) return false
      throw error
    }
  }

  async #settle(pending: PendingCommit): Promise<void> {
    const { clock, onPublish } = this.#options
    // 5 apply: rows, input offsets, changelog offsets and times of a task in one batch.
    this.#reach('apply')
    for (const { task, changes, offsets } of pending.sealed) {
      if (task.state !== null && changes !== null) {
        const changelogOffsets = this.#changelogOffsets(task, changes, pending.written)
        await task.state.apply(changes, {
          inputOffsets: offsets,
          changelogOffsets,
          atMs: clock.nowMs(),
        })
      }
      task.committed(offsets)
    }

    // 6 publish: metrics and queries see it.
    this.#reach('publish')
    onPublish?.(pending.sealed.map(({ task }) => task))
  }

  #changelogOffsets(
    task: StreamTask,
    changes: SealedChanges,
    written: ReadonlyMap<string, number>,
  ): ReadonlyMap<string, number> {
    const offsets = new Map<string, number>()
    for (const { name } of changes.stores) {
      const topic = changelogTopic(this.#options.applicationId, name)
      const end = written.get(partitionKey({ topic, partition: task.definition.id.partition }))
      if (end !== undefined) offsets.set(name, end)
    }
    return offsets
  }

  #reach(step: CommitStep): void {
    this.#options.onCrashPoint?.(step)
  }
}

/** One commit of tasks that nobody else commits; for test drivers. */
export function commitTasks(
  tasks: readonly StreamTask[],
  options: CommitterOptions,
): Promise<CommitOutcome> {
  return new Committer(options).commit(tasks)
}
