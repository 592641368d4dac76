import type { Cluster, GroupMember } from '@millrace/kafka'
import { RecordCollector, type TopicConfigs } from '../output/record-collector.ts'
import type { TimestampRefusals } from '../output/timestamp-refusals.ts'
import { TopicLimits } from '../output/topic-limits.ts'
import { AtLeastOnce } from './at-least-once.ts'
import { Committer, type CommitterOptions } from './commit.ts'
import type { Delivery } from './delivery.ts'
import { ExactlyOnce } from './exactly-once.ts'

export interface OutputSessionOptions extends Omit<CommitterOptions, 'delivery'> {
  readonly cluster: Cluster
  readonly group: GroupMember
  readonly guarantee: 'at_least_once' | 'exactly_once'
  readonly transactionalId: string
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly topicConfigs?: TopicConfigs | undefined
  readonly refusals?: TimestampRefusals | undefined
}

/**
 * A producer and all that stands on it. A producer that failed is of no more use: its session is
 * closed, the tasks that wrote into it are dropped, and a new one is opened.
 */
export class OutputSession {
  readonly delivery: Delivery
  readonly collector: RecordCollector
  readonly committer: Committer
  #closed: Promise<void> | null = null

  private constructor(delivery: Delivery, options: OutputSessionOptions) {
    this.delivery = delivery
    const { partitionCounts, topicConfigs, refusals } = options
    const { producer } = delivery
    this.collector = new RecordCollector({ producer, partitionCounts, topicConfigs, refusals })
    this.committer = new Committer({ ...options, delivery })
  }

  static async open(options: OutputSessionOptions): Promise<OutputSession> {
    const delivery = deliveryOf(options)
    try {
      await delivery.start()
    } catch (error) {
      await delivery.close()
      throw error
    }
    return new OutputSession(delivery, options)
  }

  close(): Promise<void> {
    this.#closed ??= this.delivery.close()
    return this.#closed
  }
}

function deliveryOf({
  cluster,
  group,
  guarantee,
  transactionalId,
  topicConfigs,
}: OutputSessionOptions): Delivery {
  const limits = { recordMaxBytes: recordMaxBytesOf(topicConfigs) }
  if (guarantee === 'at_least_once') return new AtLeastOnce(cluster.producer(limits), group)
  const producer = cluster.transactionalProducer({ ...limits, transactionalId })
  return new ExactlyOnce(producer, () => group.metadata())
}

/** Where a topic is known to let in more than the producer would, so does the producer. */
function recordMaxBytesOf(topicConfigs: TopicConfigs = new Map()): number {
  const known = [...topicConfigs.values()]
    .map((configs) => new TopicLimits(configs).recordMaxBytes)
    .filter(Number.isFinite)
  return Math.max(1_000_000, ...known)
}
