import { MillraceError } from '@millrace/errors'
import type { PartitionOffset, Producer } from '@millrace/kafka'
import { OutputTopic } from './output-topic.ts'
import type { TimestampRefusals } from './timestamp-refusals.ts'
import { TopicLimits } from './topic-limits.ts'

export interface RecordCollectorOptions {
  readonly producer: Producer
  /** Partitions by real topic name; every topic that is written must be in it. */
  readonly partitionCounts: ReadonlyMap<string, number>
  /** Settings of the topics, by name; what is not in it has no known limits. */
  readonly topicConfigs?: TopicConfigs | undefined
  /** What brokers have refused before. */
  readonly refusals?: TimestampRefusals | undefined
  /** Bytes not yet acknowledged at which the task stops for a commit. */
  readonly bufferMaxBytes?: number | undefined
}

export type TopicConfigs = ReadonlyMap<string, ReadonlyMap<string, string>>

/** All that a task writes: results, repartitions, changelogs, late and dead letters. */
export class RecordCollector {
  readonly producer: Producer
  readonly #partitionCounts: ReadonlyMap<string, number>
  readonly #bufferMaxBytes: number
  readonly #topicConfigs: TopicConfigs
  readonly #topics = new Map<string, OutputTopic>()
  readonly #refusals: TimestampRefusals | undefined

  constructor(options: RecordCollectorOptions) {
    this.producer = options.producer
    this.#partitionCounts = options.partitionCounts
    this.#topicConfigs = options.topicConfigs ?? new Map()
    this.#refusals = options.refusals
    this.#bufferMaxBytes = options.bufferMaxBytes ?? 32 * 1024 * 1024
  }

  get isFull(): boolean {
    return this.producer.bufferedBytes() >= this.#bufferMaxBytes
  }

  /** Partitions of a topic; 0 where it is not known. */
  partitionCount(topic: string): number {
    return this.#partitionCounts.get(topic) ?? 0
  }

  /** Throws `MILLRACE_RUNTIME_TOPIC_MISSING` for a topic that is not known to exist. */
  topic(name: string, firstPartition: number): OutputTopic {
    const known = this.#topics.get(name)
    if (known) return known
    const partitionCount = this.#partitionCounts.get(name)
    if (partitionCount === undefined) {
      throw new MillraceError('MILLRACE_RUNTIME_TOPIC_MISSING', {
        message: `topic ${name} does not exist`,
      })
    }
    const limits = new TopicLimits(this.#topicConfigs.get(name))
    const topic = new OutputTopic(name, {
      partitionCount,
      producer: this.producer,
      limits,
      refusals: this.#refusals,
      firstPartition,
    })
    this.#topics.set(name, topic)
    return topic
  }

  /** The topics written so far. */
  topics(): Iterable<OutputTopic> {
    return this.#topics.values()
  }

  flush(): Promise<readonly PartitionOffset[]> {
    return this.producer.flush()
  }
}
