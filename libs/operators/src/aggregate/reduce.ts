import { MillraceError } from '@millrace/errors'
import type { OfAggregate } from './aggregate.ts'
import type { Fold } from './fold.ts'

/**
 * Values of one type put together two at a time. The first value becomes the aggregate without a
 * call; a null result deletes the aggregate, and the next value is a first one again.
 * Aggregates are values, so sessions that meet are put together by the same function.
 */
export function reduceFold<K, V>(reducer: OfAggregate<K, V, V, V | null>): Fold<K, V, V, V> {
  return {
    operator: 'reduce',
    functions: [reducer],
    add: (aggregate, value, key, record) =>
      aggregate === null ? value : reducer(aggregate, value, key, record),
    merge(earlier, later, key, record) {
      const merged = earlier === null ? later : reducer(earlier, later, key, record)
      if (merged !== null && merged !== undefined) return merged
      throw new MillraceError('MILLRACE_OPERATORS_NO_RESULT', {
        message: `the function of reduce returned ${String(merged)} for two sessions that meet`,
        remedy: 'Return the two put together: a session that a record is in cannot be deleted.',
      })
    },
    result: (aggregate) => aggregate,
    isOfRecord: (aggregate, value) => aggregate === value,
  }
}
