import type { Record } from '@millrace/record'
import type { Fold } from './fold.ts'

/** The aggregate first, then as every function of the language: value, key, record. */
export type OfAggregate<K, V, A, R> = (aggregate: A, value: V, key: K, record: Record<K, V>) => R

export interface AggregateFunctions<K, V, A, R> {
  /** The aggregate of no values. A function, so that no two groups share an object. */
  readonly initial: () => A
  /** The aggregate with this value in it; it may change the old one and return it. Null deletes. */
  readonly add: OfAggregate<K, V, A, A | null>
  /** Two aggregates as one, the earlier one first: sessions that a record brings together. */
  readonly merge?: ((earlier: A, later: A, key: K) => A) | undefined
  /** What goes downstream; left out, the aggregate itself. */
  readonly result?: ((aggregate: A) => R) | undefined
}

/** An aggregation in the user's own words. */
export function aggregateFold<K, V, A, R = A>(
  functions: AggregateFunctions<K, V, A, R>,
): Fold<K, V, A, R> {
  const { initial, add, merge, result } = functions
  return {
    operator: 'aggregate',
    functions: [initial, add, merge, result].filter((given) => given !== undefined),
    add: (aggregate, value, key, record) => add(aggregate ?? initial(), value, key, record),
    ...(merge && { merge: (earlier, later, key) => merge(earlier ?? initial(), later, key) }),
    result: result ?? ((aggregate) => aggregate as unknown as R),
  }
}
