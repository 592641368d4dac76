import type { Headers, Record } from '@millrace/record'

/**
 * One change of a table, as it goes from operator to operator: the record's value is the new one
 * (null: the row is gone), and beside it stands the old one. To an operator of streams it is an
 * ordinary record, so that `toStream()` costs nothing. (Kafka Streams wraps both in a `Change`.)
 */
export interface Change<K, V> extends Record<K, V | null> {
  /** Null: there was none. Undefined: the sender keeps no rows, and nobody knows. */
  readonly oldValue?: V | null | undefined
  /** False where the table keeps versions and this one is older than the latest of its key. */
  readonly isLatest?: boolean | undefined
}

/** Every change is made here, so that all of them have one shape. */
export function change<K, V>(
  key: K,
  value: V | null,
  oldValue: V | null | undefined,
  timestampMs: number,
  headers: Headers,
  isLatest = true,
): Change<K, V> {
  return { key, value, timestampMs, headers, oldValue, isLatest }
}

/** The same change of a table with other values. */
export function changeWith<K, V, V2>(
  of: Change<K, V>,
  value: V2 | null,
  oldValue: V2 | null | undefined,
): Change<K, V2> {
  return change(of.key, value, oldValue, of.timestampMs, of.headers, of.isLatest ?? true)
}

/** Functions of tables get the value first, as all do; a row has no headers of its own. */
export type OfRow<K, V, R> = (value: V, key: K) => R
