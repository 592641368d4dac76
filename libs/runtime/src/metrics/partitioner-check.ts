import { partitionOf } from '@millrace/record'
import type { Logger } from '@millrace/telemetry'
import type { Topology } from '@millrace/topology'
import type { RecordCollector } from '../output/record-collector.ts'
import type { RecordQueue } from '../task/record-queue.ts'

export interface PartitionerCheckOptions {
  readonly topology: Topology
  readonly queues: readonly RecordQueue[]
  readonly logger: Logger
  readonly collector: RecordCollector
}

interface Side {
  readonly queue: RecordQueue
  readonly partitionCount: number
  readonly others: Side[]
  records: number
  sampled: number
  /** Sampled keys that the default partitioner puts elsewhere. */
  strayed: number
  isNamed: boolean
}

/** So many records first, then one of so many: a hash of the key each. */
const firstSamples = 32
const sampleEvery = 64
/** So many keys in a row lie where they belong by chance next to never. */
const agreedMin = 8

/**
 * Notices that topics which are joined or merged by key were written by partitioners that disagree:
 * equal keys then lie in different tasks and never meet. One side follows Kafka's default partitioner,
 * the other does not; where neither does, they may agree on another, which cannot be seen.
 */
export class PartitionerCheck {
  readonly #sides = new Map<RecordQueue, Side>()
  readonly #logger: Logger
  /** Sampled keys that lie elsewhere than those of the other side, by real topic name. */
  readonly counts = new Map<string, number>()

  constructor({ topology, queues, logger, collector }: PartitionerCheckOptions) {
    this.#logger = logger
    for (const group of topology.coPartitionGroups) {
      const sides = queues
        .filter(
          ({ node, source }) =>
            group.includes(node.topic) && collector.partitionCount(source.topic) > 1,
        )
        .map((queue) => sideOf(queue, collector.partitionCount(queue.source.topic)))
      if (sides.length < 2) continue
      for (const side of sides) {
        side.others.push(...sides.filter((other) => other !== side))
        this.#sides.set(side.queue, side)
      }
    }
  }

  /** The record that the queue gave out last is processed. */
  see(queue: RecordQueue): void {
    if (this.#sides.size === 0) return
    const side = this.#sides.get(queue)
    const { key } = queue.taken
    if (side === undefined || key === null) return
    if (side.records++ >= firstSamples && side.records % sampleEvery !== 0) return
    side.sampled++
    const belongsTo = partitionOf(queue.node.keySerde, key, side.partitionCount)
    if (belongsTo !== queue.source.partition) side.strayed++
    for (const each of [side, ...side.others]) this.#judge(each, each === side)
  }

  #judge(side: Side, isSampled: boolean): void {
    if (side.strayed === 0) return
    const other = side.others.find((each) => each.strayed === 0 && each.sampled >= agreedMin)
    if (other === undefined) return
    const { topic } = side.queue.source
    if (isSampled || !side.isNamed) this.counts.set(topic, (this.counts.get(topic) ?? 0) + 1)
    if (side.isNamed) return
    side.isNamed = true
    this.#logger.error(
      { topic, partition: side.queue.source.partition, with: other.queue.source.topic },
      'the keys of a topic lie in other partitions than those of the topic it is joined with',
    )
  }
}

function sideOf(queue: RecordQueue, partitionCount: number): Side {
  const counts = { records: 0, sampled: 0, strayed: 0, isNamed: false }
  return { queue, partitionCount, others: [], ...counts }
}
