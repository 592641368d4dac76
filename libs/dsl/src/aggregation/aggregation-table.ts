import { isolatedFold, RollingAggregate, resultReader } from '@millrace/operators'
import { internalSerde } from '@millrace/record'
import type { StoreSpec } from '@millrace/store'
import type { Processor, ViewSpec } from '@millrace/topology'
import type { Repartition } from '../draft/repartition.ts'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import { updatedView } from '../freshness.ts'
import type { StreamOf } from '../table/ktable.ts'
import { noDemands, type TableOrigin, type TableSide } from '../table/table-origin.ts'
import type { Aggregation } from './aggregation.ts'

/** Grouped records on their way into a store. */
export interface Grouping<K, V> {
  readonly part: StreamPart<K, V>
  readonly repartition: Repartition<K, V> | undefined
  /** How a table becomes a stream; handed along, since streams know tables already. */
  readonly streamOf: StreamOf
}

/** Adds store and node of an aggregation over all time. */
export function addRolling<K, V, A, R>(
  grouping: Grouping<K, V>,
  aggregation: Aggregation<K, V, A, R>,
): TableSide<K, R> {
  const { options, state } = aggregation
  const fold = isolatedFold(aggregation.fold, state)
  const storeName = requiredName(options?.name, `the store of ${fold.operator}`)
  const everyUpdate = options.everyUpdate ?? false
  const demands = noDemands()
  const supplier = () =>
    new RollingAggregate({
      storeName,
      fold,
      everyUpdate: everyUpdate || demands.everyChange,
      sendsOldValues: demands.oldValues,
    })
  const part = addAggregation(grouping, aggregation, {
    storeName,
    supplier,
    view: updatedView(storeName, options),
  })
  const reader = resultReader(storeName, (aggregate: A) => fold.result(aggregate))
  const origin = { reader: reader as TableOrigin<K, R>['reader'], knowsOldValues: true, demands }
  return { part: { ...part, value: aggregation.results }, origin }
}

export interface AggregationParts {
  readonly storeName: string
  readonly supplier: () => Processor
  readonly view: ViewSpec
  /** What the store is beside its name; a key-value store with one row a key where left out. */
  readonly store?: Partial<StoreSpec>
  /** Stores beside it. */
  readonly beside?: readonly StoreSpec[]
  /** What one row is for; `key` where left out. */
  readonly rowOf?: string
  readonly detail?: string | undefined
}

/** Adds the stores and the node of an aggregation. */
export function addAggregation<K, V, A, R>(
  { part, repartition }: Grouping<K, V>,
  { fold, options, state }: Aggregation<K, V, A, R>,
  { storeName, supplier, view, store, beside = [], rowOf = 'key', detail }: AggregationParts,
): StreamPart<K, V> {
  const input = repartition?.forAggregation(storeName) ?? part
  const { draft, from, key, value } = input
  draft.addStore({
    name: storeName,
    kind: 'key-value',
    keySerde: internalSerde(key),
    valueSerde: internalSerde(state),
    version: options.version ?? 1,
    why: `${fold.operator} keeps one aggregate for each ${rowOf}`,
    ...store,
  })
  for (const spec of beside) draft.addStore(spec)
  const { late } = options
  const details = [detail, fold.detail].filter(Boolean)
  const node = draft.addProcessor(
    {
      operator: fold.operator,
      name: storeName,
      supplier,
      view,
      detail: details.length > 0 ? details.join('; ') : undefined,
      stores: [storeName, ...beside.map(({ name }) => name)],
      late: late === undefined ? undefined : { topic: late, keySerde: key, valueSerde: value },
      functions: fold.functions,
    },
    from,
  )
  return { ...input, from: [node] }
}
