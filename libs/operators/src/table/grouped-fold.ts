import type { OfAggregate } from '../aggregate/aggregate.ts'
import type { Fold } from '../aggregate/fold.ts'
import type { ValuePair } from './value-pair.ts'

export interface GroupedTableFunctions<K, V, A, R> {
  /** The aggregate of no rows. A function, so that no two groups share an object. */
  readonly initial: () => A
  /** The aggregate with this value in it; null deletes it. */
  readonly add: OfAggregate<K, V, A, A | null>
  /** The aggregate without this value; null deletes it. */
  readonly subtract: OfAggregate<K, V, A, A | null>
  /** What goes downstream; left out, the aggregate itself. */
  readonly result?: ((aggregate: A) => R) | undefined
}

type PairFold<K, V, A, R> = Fold<K, ValuePair<V>, A, R>

/**
 * An aggregation of a grouped table (Kafka Streams' `KTableAggregate`): what a row was is taken
 * away first, where there is an aggregate to take it from, then what it is now is added.
 */
export function groupedFold<K, V, A, R = A>(
  functions: GroupedTableFunctions<K, V, A, R>,
): PairFold<K, V, A, R> {
  const { initial, add, subtract, result } = functions
  return {
    operator: 'aggregate',
    functions: [initial, add, subtract, ...(result ? [result] : [])],
    add(aggregate, { newValue, oldValue }, key, record) {
      const rest =
        oldValue === null || aggregate === null
          ? aggregate
          : subtract(aggregate, oldValue, key, { ...record, value: oldValue })
      if (newValue === null) return rest
      return add(rest ?? initial(), newValue, key, { ...record, value: newValue })
    },
    result: result ?? ((aggregate) => aggregate as unknown as R),
  }
}

/** How many rows a group has; 0 where all have left. */
export function groupedCountFold<K, V>(): PairFold<K, V, number, number> {
  return {
    ...groupedFold<K, V, number>({
      initial: () => 0,
      add: (count) => count + 1,
      subtract: (count) => count - 1,
    }),
    operator: 'count',
    functions: [],
  }
}

export interface GroupedReduceFunctions<K, V> {
  /** Two values put together; the first of a group becomes the aggregate without a call. */
  readonly add: OfAggregate<K, V, V, V | null>
  readonly subtract: OfAggregate<K, V, V, V | null>
}

/** Values of one type put together two at a time (Kafka Streams' `KTableReduce`). */
export function groupedReduceFold<K, V>(
  functions: GroupedReduceFunctions<K, V>,
): PairFold<K, V, V, V> {
  const { add, subtract } = functions
  return {
    operator: 'reduce',
    functions: [add, subtract],
    add(aggregate, { newValue, oldValue }, key, record) {
      const rest =
        oldValue === null || aggregate === null
          ? aggregate
          : subtract(aggregate, oldValue, key, { ...record, value: oldValue })
      if (newValue === null || rest === null) return newValue ?? rest
      return add(rest, newValue, key, { ...record, value: newValue })
    },
    result: (aggregate) => aggregate,
    isOfRecord: (aggregate, { newValue }) => aggregate === newValue,
  }
}
