import type { AggregateFunctions, OfAggregate } from '../aggregate/aggregate.ts'
import { aggregateFold } from '../aggregate/aggregate.ts'
import type { Fold } from '../aggregate/fold.ts'
import type { Tagged } from './tagged.ts'

export interface CogroupFunctions<K, A, R> {
  readonly initial: () => A
  /** One for each input, in their order. */
  readonly adds: readonly OfAggregate<K, unknown, A, A | null>[]
  readonly merge?: ((earlier: A, later: A, key: K) => A) | undefined
  readonly result?: ((aggregate: A) => R) | undefined
}

/** One aggregate of several inputs, each with a function of its own (Kafka Streams' `cogroup`). */
export function cogroupFold<K, A, R = A>(
  functions: CogroupFunctions<K, A, R>,
): Fold<K, Tagged<K, unknown>, A, R> {
  const { initial, adds, merge, result } = functions
  const add: AggregateFunctions<K, Tagged<K, unknown>, A, R>['add'] = (aggregate, tagged, key) => {
    const { input, record } = tagged
    return (adds[input] as OfAggregate<K, unknown, A, A | null>)(
      aggregate,
      record.value,
      key,
      record,
    )
  }
  const fold = aggregateFold<K, Tagged<K, unknown>, A, R>({ initial, add, merge, result })
  const given = [initial, ...adds, merge, result].filter((one) => one !== undefined)
  return { ...fold, operator: 'cogroup', functions: given }
}
