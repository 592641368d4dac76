import { KTable } from '../table/ktable.ts'
import type { Aggregation } from './aggregation.ts'
import { addRolling, type Grouping } from './aggregation-table.ts'

/** The table of an aggregation over all time. */
export function rollingTable<K, V, A, R>(
  grouping: Grouping<K, V>,
  aggregation: Aggregation<K, V, A, R>,
): KTable<K, R> {
  const { part, origin } = addRolling(grouping, aggregation)
  return new KTable(part, grouping.streamOf, origin)
}
