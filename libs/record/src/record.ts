/** A header's name and value; `null` is a value of its own in Kafka. */
export type Header = readonly [name: string, value: Buffer | null]

/** Headers in their order on the wire; a name may occur more than once. */
export type Headers = readonly Header[]

export const noHeaders: Headers = Object.freeze([])

/**
 * What flows from operator to operator (Kafka Streams' `api.Record`). Treat it as frozen: an
 * operator that changes something makes a new one.
 */
export interface Record<K, V> {
  readonly key: K
  readonly value: V
  /** Event time, milliseconds since the epoch. */
  readonly timestampMs: number
  readonly headers: Headers
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}
