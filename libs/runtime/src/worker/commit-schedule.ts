import { assert } from '@millrace/errors'
import type { RefusedTimestamps } from '@millrace/kafka'
import type { CommitOutcome } from '../commit/commit.ts'
import { OutputSession } from '../commit/output-session.ts'
import { RepartitionPurge } from '../commit/repartition-purge.ts'
import { logDecisions } from '../decisions/decision-record.ts'
import type { RecordCollector } from '../output/record-collector.ts'
import { TimestampRefusals } from '../output/timestamp-refusals.ts'
import type { StreamTask } from '../task/stream-task.ts'
import type { WorkerEnvironment } from './environment.ts'
import { backoffMs, pause } from './pause.ts'
import { guaranteeOf } from './worker-options.ts'

/** When the worker commits, and the producer that it commits with. */
export class CommitSchedule {
  readonly #environment: WorkerEnvironment
  readonly #purge: RepartitionPurge
  readonly #refusals: TimestampRefusals
  #session: OutputSession | null = null
  #committedAtMs: number
  #hasCommitted = false
  /** Commits would be refused: from the member's word that it joins again to its next call. */
  isHeld = false

  constructor(environment: WorkerEnvironment) {
    const { options, clusters } = environment
    this.#environment = environment
    this.#refusals = new TimestampRefusals(options.clock)
    this.#purge = new RepartitionPurge(clusters.produce, options.logger)
    this.#committedAtMs = options.clock.monotonicMs()
  }

  get collector(): RecordCollector {
    return this.#current.collector
  }

  /** Whether anything was committed since the producer was opened. */
  get hasCommitted(): boolean {
    return this.#hasCommitted
  }

  /** Opens a producer where there is none. Rejects where the cluster does not answer. */
  async ensureOpen(): Promise<void> {
    if (this.#session !== null) return
    this.#session = await this.#open()
    this.#hasCommitted = false
  }

  /** What is uncommitted is at its bound: nothing more may be processed before a commit. */
  isFull(tasks: readonly StreamTask[]): boolean {
    const { uncommittedRowsMax = 200_000, uncommittedBytesMax = 32 << 20 } =
      this.#environment.options
    if (this.#current.collector.isFull) return true
    let [rows, sizeBytes] = [0, 0]
    for (const task of tasks) {
      rows += task.state?.uncommittedRows() ?? 0
      sizeBytes += task.state?.uncommittedBytes() ?? 0
    }
    return rows >= uncommittedRowsMax || sizeBytes >= uncommittedBytesMax
  }

  async commitWhenDue(tasks: readonly StreamTask[]): Promise<void> {
    const { clock, commitIntervalMs = 1_000 } = this.#environment.options
    if (this.isHeld) return
    const isDue = clock.monotonicMs() - this.#committedAtMs >= commitIntervalMs
    const isWanted = isDue || this.isFull(tasks) || tasks.some((task) => task.wantsCommit)
    if (isWanted) await this.#commit(tasks)
  }

  /** Until the cluster has decided; a rebalance can stand in the way for a moment. */
  async commitNow(tasks: readonly StreamTask[]): Promise<void> {
    for (let attempt = 1; attempt <= 10; attempt++) {
      const outcome = await this.#commit(tasks)
      const hasRest = outcome === 'committed' && tasks.some((task) => task.isDirty)
      if (outcome !== 'delayed' && !hasRest) return
      if (outcome === 'delayed') await pause(this.#environment.options.clock, backoffMs(attempt))
    }
  }

  /** What was refused is so again when its record is processed again, which is then known. */
  learn(refused: RefusedTimestamps): void {
    this.#refusals.learn(refused)
  }

  /** At once: nothing more is sent of what was appended, the results of half a record least of all. */
  discard(): void {
    void this.#session?.close()
  }

  /** Gives the producer up, and what it did not commit; `ensureOpen` makes another. */
  async close(): Promise<void> {
    const session = this.#session
    this.#session = null
    await session?.close()
  }

  get #current(): OutputSession {
    assert(this.#session, 'the worker has a producer open')
    return this.#session
  }

  async #commit(tasks: readonly StreamTask[]): Promise<CommitOutcome> {
    const { options, metrics } = this.#environment
    const startedAtMs = options.clock.monotonicMs()
    try {
      const outcome = await this.#current.committer.commit(tasks)
      if (outcome === 'nothing') return outcome
      metrics.commit(outcome, options.clock.monotonicMs() - startedAtMs)
      if (outcome === 'committed') this.#hasCommitted = true
      return outcome
    } catch (error) {
      metrics.commit('failed', 0)
      throw error
    } finally {
      // From its end, as in Kafka Streams: commits that take longer than the interval would
      // otherwise follow each other with next to no work between.
      this.#committedAtMs = options.clock.monotonicMs()
    }
  }

  #published(tasks: readonly StreamTask[]): void {
    const { options, metrics } = this.#environment
    const broken = metrics.publish(tasks, this.collector)
    if (broken.length > 0) {
      options.logger.error({ operators: broken }, 'records in and out do not add up')
    }
    this.#purge.afterCommit(tasks, options.clock.monotonicMs())
  }

  #open(): Promise<OutputSession> {
    const { options, clusters, member, topics } = this.#environment
    const { applicationId, processId, thread = 0 } = options
    return OutputSession.open({
      applicationId,
      cluster: clusters.produce,
      group: member,
      guarantee: guaranteeOf(options),
      transactionalId: `${applicationId}-${processId}-${thread}`,
      partitionCounts: topics.partitionCounts,
      topicConfigs: topics.configs,
      refusals: this.#refusals,
      clock: options.clock,
      onCrashPoint: options.onCrashPoint,
      onSealed: (task) => logDecisions(options, this.collector.producer, task),
      onPublish: (tasks) => this.#published(tasks),
    })
  }
}
