import type { Record } from '@millrace/record'

/**
 * Every function that a user hands to an operator gets its arguments in this order: the value
 * first, since it is nearly always what counts, then the key, then the whole record with
 * timestamp and headers. (Kafka Streams passes the key first.)
 */
export type OfRecord<K, V, R> = (value: V, key: K, record: Record<K, V>) => R

export interface KeyValue<K, V> {
  readonly key: K
  readonly value: V
}

/** Kafka knows null and no undefined: a key or value that a function leaves undefined is null. */
export type Defined<T> = undefined extends T ? Exclude<T, undefined> | null : T

export function defined<T>(value: T): Defined<T> {
  return (value === undefined ? null : value) as Defined<T>
}
