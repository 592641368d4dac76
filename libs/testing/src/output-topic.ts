import type { Headers } from '@millrace/record'
import type { SimulatedCluster, StoredRecord } from '@millrace/simulation'
import type { TopicSerdes } from './topic-serdes.ts'

/** A record of an output topic, deserialised. */
export interface OutputRecord<K, V> {
  /** For results by window `{ key, window: { startMs, endMs } }`. */
  readonly key: K | null
  readonly value: V | null
  readonly timestampMs: number
  readonly headers: Headers
  readonly partition: number
}

export interface OutputTopicOptions<K, V> {
  readonly topic: string
  readonly cluster: SimulatedCluster
  readonly serdes: Required<TopicSerdes<K, V>>
  /** The next offset to read, by partition; shared by all who read the topic. */
  readonly positions: number[]
}

/** A topic that the topology writes, to be read. */
export class OutputTopic<K, V> {
  readonly #options: OutputTopicOptions<K, V>

  constructor(options: OutputTopicOptions<K, V>) {
    this.#options = options
  }

  get topic(): string {
    return this.#options.topic
  }

  /** The records written since the topic was read last, by partition, then in their order. */
  readAll(): OutputRecord<K, V>[] {
    const { topic, cluster, positions } = this.#options
    return positions.flatMap((from, partition) => {
      positions[partition] = cluster.lastStableOffset(topic, partition)
      return cluster
        .readAll(topic, partition, 'read_committed', from)
        .map((record) => this.#decode(record))
    })
  }

  #decode({ key, value, timestampMs, headers, partition }: StoredRecord): OutputRecord<K, V> {
    const { serdes } = this.#options
    return {
      key: key === null ? null : serdes.key.deserialize(key),
      value: value === null ? null : serdes.value.deserialize(value),
      timestampMs,
      headers,
      partition,
    }
  }
}
