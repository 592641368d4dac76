import { type Headers, noHeaders, partitionOf } from '@millrace/record'
import type { NewRecord } from '@millrace/simulation'
import type { TopicSerdes } from './topic-serdes.ts'

export interface PipeOptions {
  /** Event time, milliseconds since the epoch. Default: the driver's wall clock. */
  readonly timestampMs?: number
  readonly headers?: Headers
  /** Default: where Kafka's producers put the key; partition 0 without one. */
  readonly partition?: number
}

export interface InputTopicOptions<K, V> {
  readonly topic: string
  readonly partitionCount: number
  readonly serdes: Required<TopicSerdes<K, V>>
  /** Writes the record and processes it to its end. */
  readonly pipe: (topic: string, partition: number, record: NewRecord) => Promise<void>
}

/** A topic that the topology reads, to be written to. */
export class InputTopic<K, V> {
  readonly #options: InputTopicOptions<K, V>

  constructor(options: InputTopicOptions<K, V>) {
    this.#options = options
  }

  get topic(): string {
    return this.#options.topic
  }

  /**
   * Writes one record; resolves when it is processed to its end, through every repartition. While
   * the application is down the record waits in the topic. Rejects with what stops the application:
   * an error of the topology's functions (`MILLRACE_RUNTIME_PROCESSING_FAILED`, the cause in it), or
   * a record that its serdes refuse.
   */
  async pipe(key: K | null, value: V | null, options: PipeOptions = {}): Promise<void> {
    const { topic, serdes, partitionCount, pipe } = this.#options
    await serdes.key.prepare?.({ topic, part: 'key', isWritten: true })
    await serdes.value.prepare?.({ topic, part: 'value', isWritten: true })
    const keyBytes = key === null ? null : serdes.key.serialize(key)
    const valueBytes = value === null ? null : serdes.value.serialize(value)
    const chosen = keyBytes === null ? 0 : partitionOf(serdes.key, keyBytes, partitionCount)
    const { timestampMs, headers = noHeaders, partition = chosen } = options
    const record = { key: keyBytes, value: valueBytes, headers }
    return pipe(topic, partition, timestampMs === undefined ? record : { ...record, timestampMs })
  }
}
