import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import type { StreamTask } from '../task/stream-task.ts'

const intervalMs = 30_000

/**
 * Deletes what was committed from repartition topics, which keep everything else for ever; after
 * commits, at most every 30 s (Kafka Streams' `repartition.purge.interval.ms`). Not waited for: what
 * fails is deleted next time.
 */
export class RepartitionPurge {
  readonly #cluster: Cluster
  readonly #logger: Logger
  #purgedAtMs = Number.NEGATIVE_INFINITY

  constructor(cluster: Cluster, logger: Logger) {
    this.#cluster = cluster
    this.#logger = logger
  }

  afterCommit(tasks: readonly StreamTask[], nowMs: number): void {
    if (nowMs - this.#purgedAtMs < intervalMs) return
    const before = tasks.flatMap((task) =>
      task.committedOffsets.filter(
        ({ offset }, index) => task.queues[index]?.node.isRepartition === true && offset > 0,
      ),
    )
    if (before.length === 0) return
    this.#purgedAtMs = nowMs
    this.#cluster.admin.deleteRecords(before).catch((error: unknown) => {
      this.#logger.warn({ err: error }, 'committed records of repartition topics were not deleted')
    })
  }
}
