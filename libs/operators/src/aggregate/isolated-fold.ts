import { internalSerde, type Record, type Serde } from '@millrace/record'
import type { Fold } from './fold.ts'

/**
 * The fold without its side effect: it changes no aggregate in place that somebody else may hold.
 * A result can be the aggregate itself, or a part of it, and whoever got it may keep it in memory
 * (a table, a join, results that wait); the first value of `reduce` belongs to its record. Where that
 * is possible the next change is made to a copy. Numbers and texts cost nothing, and an aggregate
 * that was not sent since its last change is still changed in place.
 *
 * Kafka Streams has no such rule, since every put of a store makes bytes.
 */
export function isolatedFold<K, V, A, R>(
  fold: Fold<K, V, A, R>,
  aggregates: Serde<A>,
): Fold<K, V, A, R> {
  const serde = internalSerde(aggregates)
  const held = new WeakSet<object>()
  const own = (aggregate: A): A =>
    typeof aggregate === 'object' && aggregate !== null && held.has(aggregate)
      ? serde.deserialize(serde.serialize(aggregate))
      : aggregate
  return {
    ...fold,
    add(aggregate, value, key, record) {
      const after = fold.add(aggregate === null ? null : own(aggregate), value, key, record)
      if (typeof after === 'object' && after !== null && fold.isOfRecord?.(after, value)) {
        held.add(after)
      }
      return after
    },
    ...(fold.merge && {
      merge: (earlier: A | null, later: A, key: K, record: Record<K, V>) =>
        fold.merge?.(earlier === null ? null : own(earlier), own(later), key, record) as A,
    }),
    result(aggregate) {
      const result = fold.result(aggregate)
      const isShared = typeof result === 'object' && result !== null && fold.hasOwnResults !== true
      if (isShared && typeof aggregate === 'object' && aggregate !== null) held.add(aggregate)
      return result
    },
  }
}
