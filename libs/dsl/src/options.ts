import type { Emit } from '@millrace/operators'
import type { Headers, Record, Serde } from '@millrace/record'
import type { FreshnessOptions } from './freshness.ts'

export interface OperatorOptions {
  /** The node's name, in metrics and descriptions; generated where left out. */
  readonly name?: string
}

export interface ValueOptions<V> extends OperatorOptions {
  /** The serde of the new values; JSON where left out. */
  readonly value?: Serde<NonNullable<V>>
}

/** Keys for which nothing need be said: the string serde is theirs. */
export type StringKey = string | null | undefined

export interface StringKeyOptions<K> {
  /** The serde of the new keys; string where left out. */
  readonly key?: Serde<NonNullable<K>>
}

export interface KeyOptions<K> {
  /** The serde of the new keys; required, since they are no strings. */
  readonly key: Serde<NonNullable<K>>
}

export interface RepartitionOptions {
  /**
   * Names the topic `<app>-<name>-repartition` that brings records of one key together. Required:
   * records in flight are found under it again after a release.
   */
  readonly repartition: string
  /** Its partitions; left out, as many as the largest topic upstream. */
  readonly partitions?: number
}

export interface SinkOptions<K, V> extends OperatorOptions {
  /** Instead of the serdes that the stream carries. */
  readonly key?: Serde<NonNullable<K>>
  readonly value?: Serde<NonNullable<V>>
  /** Left out: murmur2 of the key, as Kafka's own producers. */
  partitioner?(this: void, key: K, value: V, partitionCount: number): number
  /** Left out: the record's own. */
  headers?(this: void, record: Record<K, V>): Headers
}

export interface RoutedSinkOptions<K, V> extends SinkOptions<K, V> {
  /** Every topic that the function may name: they are checked at the start like any other. */
  readonly topics: readonly string[]
}

export interface AggregationOptions<R> extends FreshnessOptions {
  /**
   * Names the store, its changelog `<app>-<name>-changelog` and the node. Required: the state is
   * found under it again after a release.
   */
  readonly name: string
  /** Raise it where a changed function makes old rows wrong: old state is then not gone on with. */
  readonly version?: number
  /** Every change goes out; left out, one result a row and commit, the last. */
  readonly everyUpdate?: boolean
  /**
   * The serde of the results, and of the store where it holds nothing else. Left out: JSON; for
   * `reduce` that of the stream.
   */
  readonly value?: Serde<NonNullable<R>>
}

export interface WindowedAggregationOptions {
  /** Topic for late records: key, value and headers as they were, and why they were late. */
  readonly late?: string
  /**
   * When results go out: `'updates'` (where left out) what changed with each commit; `'final'` one
   * result a window, in the commit in which it closes; `{ early: '10s', final: true }` besides what
   * changed, every ten seconds of event time.
   */
  readonly emit?: Emit
  /**
   * Whether results say in headers what they are: `millrace.kind`, `millrace.revision`,
   * `millrace.window-start`, `millrace.window-end`, `millrace.stream-time`. Left out: final and
   * early results do, updates (one for each change, and without a kind) do not.
   */
  readonly headers?: boolean
}
