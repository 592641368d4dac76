import { MillraceError } from '@millrace/errors'
import type { Producer } from '@millrace/kafka'
import { type Headers, partitionOf, type Serde } from '@millrace/record'
import type { TimestampRefusals } from './timestamp-refusals.ts'
import type { TopicLimits } from './topic-limits.ts'

export interface OutputTopicOptions {
  readonly partitionCount: number
  readonly producer: Producer
  readonly limits: TopicLimits
  readonly refusals?: TimestampRefusals | undefined
  /** Where the round of records without a key begins. */
  readonly firstPartition: number
}

/** A topic that a task writes: chooses partitions, appends, counts. */
export class OutputTopic {
  readonly topic: string
  readonly partitionCount: number
  /** Written so far; markers and changelogs do not count. */
  records = 0
  #oldestMs = Number.POSITIVE_INFINITY
  #newestMs = Number.NEGATIVE_INFINITY
  readonly #producer: Producer
  readonly #limits: TopicLimits
  readonly #refusals: TimestampRefusals | undefined
  #roundRobin: number

  constructor(topic: string, options: OutputTopicOptions) {
    this.topic = topic
    this.partitionCount = options.partitionCount
    this.#producer = options.producer
    this.#limits = options.limits
    this.#refusals = options.refusals
    this.#roundRobin = options.firstPartition % options.partitionCount
  }

  /** Murmur2 of the key's deciding bytes, as Kafka's default; round robin without a key. */
  partitionOf(serde: Serde<unknown>, key: Buffer | null): number {
    if (key !== null) return partitionOf(serde, key, this.partitionCount)
    return this.#roundRobin
  }

  /** Throws `MILLRACE_RUNTIME_PARTITION_INVALID` for a partition that the topic does not have. */
  check(partition: number): number {
    if (Number.isInteger(partition) && partition >= 0 && partition < this.partitionCount)
      return partition
    throw new MillraceError('MILLRACE_RUNTIME_PARTITION_INVALID', {
      message: `the partitioner of ${this.topic} answered ${partition} of ${this.partitionCount}`,
    })
  }

  /**
   * Throws `MILLRACE_KAFKA_RECORD_REFUSED` for what the broker would refuse, where that can be known
   * before: by its size, or because the broker said so of this timestamp before.
   */
  append(
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): void {
    const refusal = this.#limits.refusal(key, value, headers)
    if (refusal !== null) throw refused(this.topic, partition, refusal)
    if (this.#refusals?.isRefused(this.topic, timestampMs) === true)
      throw refused(
        this.topic,
        partition,
        `has the timestamp ${timestampMs}, which the broker refuses`,
      )
    this.#producer.append(this.topic, partition, key, value, timestampMs, headers)
    if (key === null) this.#roundRobin = (this.#roundRobin + 1) % this.partitionCount
    if (timestampMs < this.#oldestMs) this.#oldestMs = timestampMs
    if (timestampMs > this.#newestMs) this.#newestMs = timestampMs
    this.records++
  }

  /** Smallest and largest event time written since the last call; null where nothing was. */
  takeSpan(): { readonly oldestMs: number; readonly newestMs: number } | null {
    const span = { oldestMs: this.#oldestMs, newestMs: this.#newestMs }
    this.#oldestMs = Number.POSITIVE_INFINITY
    this.#newestMs = Number.NEGATIVE_INFINITY
    return span.oldestMs <= span.newestMs ? span : null
  }
}

function refused(topic: string, partition: number, why: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RECORD_REFUSED', {
    message: `a record for ${topic}[${partition}] ${why}`,
  })
}
