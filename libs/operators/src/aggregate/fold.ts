import type { Record } from '@millrace/record'

/** What an aggregation does with a group's values; the same rolling and windowed. */
export interface Fold<K, V, A, R> {
  /** The verb: count, reduce, aggregate. */
  readonly operator: string
  readonly detail?: string | undefined
  /** The user's functions in it, for the plan. */
  readonly functions: readonly unknown[]
  /**
   * The aggregate with this value in it. `aggregate` is null where the group has none yet; a null
   * result deletes it. May change `aggregate` in place and return it.
   */
  add(aggregate: A | null, value: V, key: K, record: Record<K, V>): A | null
  /**
   * Two aggregates as one, the earlier one first; `earlier` is null where there is none yet. What
   * becomes of sessions that a record brings together; left out, the fold cannot do sessions.
   */
  merge?(earlier: A | null, later: A, key: K, record: Record<K, V>): A
  /** What goes downstream. */
  result(aggregate: A): R
  /** Whether what `add` came to is the value itself, which belongs to the record (`reduce`). */
  isOfRecord?(aggregate: A, value: V): boolean
  /** Results share no object with the aggregate. */
  readonly hasOwnResults?: boolean
}
