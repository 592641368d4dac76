import {
  agendaStore,
  describeEmission,
  type Emission,
  emissionOf,
  isolatedFold,
  SessionAggregate,
  SlidingAggregate,
  sessionRowSerde,
  slidingBucketSerde,
  WindowedAggregate,
} from '@millrace/operators'
import { internalSerde, type Serde, sessionWindowed, windowed } from '@millrace/record'
import type { StoreSpec } from '@millrace/store'
import { describeWindows, type Windowed, type Windows } from '@millrace/time'
import type { Processor } from '@millrace/topology'
import { requiredName } from '../draft/required-name.ts'
import { windowedView } from '../freshness.ts'
import { KTable } from '../table/ktable.ts'
import { noDemands, type TableDemands } from '../table/table-origin.ts'
import type { Aggregation } from './aggregation.ts'
import { addAggregation, type Grouping } from './aggregation-table.ts'
import { requireMerge } from './require-merge.ts'

/** Adds stores and node of an aggregation by windows. */
export function windowedTable<K, V, A, R>(
  grouping: Grouping<K, V>,
  aggregation: Aggregation<K, V, A, R>,
  windows: Windows,
): KTable<Windowed<K>, R> {
  const { fold, options } = aggregation
  const storeName = requiredName(options?.name, `the store of the windowed ${fold.operator}`)
  const emission = emissionOf(options, windows)
  const hasHeaders = options.headers ?? emission.kind !== 'updates'
  const demands = noDemands()
  const kept = operatorOf(aggregation, windows, { storeName, emission, hasHeaders, demands })
  const part = addAggregation(grouping, aggregation, {
    storeName,
    supplier: kept.supplier,
    view: windowedView(storeName, options, windows, emission),
    store: kept.store,
    beside: kept.hasAgenda ? [agendaStore(agendaOf(storeName), whyAgenda)] : [],
    rowOf: kept.rowOf,
    detail: [describeWindows(windows), describeEmission(emission)].filter(Boolean).join(', '),
  })
  const key = windowedKey(part.key, windows) as Serde<NonNullable<Windowed<K>>>
  const tablePart = { ...part, key, value: aggregation.results }
  const { knowsOldValues } = kept
  const origin = { reader: undefined, knowsOldValues, demands, windows }
  return new KTable<Windowed<K>, R>(tablePart, grouping.streamOf, origin)
}

const whyAgenda = 'which results are due, and which windows close, when'

interface Setting {
  readonly storeName: string
  readonly emission: Emission
  readonly hasHeaders: boolean
  readonly demands: TableDemands
}

/** What the operator of these windows is, and what it needs. */
interface WindowedOperator {
  readonly supplier: () => Processor
  readonly store: Partial<StoreSpec>
  readonly hasAgenda: boolean
  readonly rowOf: string
  readonly knowsOldValues: boolean
}

function operatorOf<K, V, A, R>(
  { fold: given, state }: Aggregation<K, V, A, R>,
  windows: Windows,
  { storeName, emission, hasHeaders, demands }: Setting,
): WindowedOperator {
  const agendaName = agendaOf(storeName)
  const fold = isolatedFold(given, state)
  const common = () => ({
    storeName,
    agendaName,
    fold,
    hasHeaders,
    emission: demands.everyChange ? everyChange(emission) : emission,
  })
  const isFinal = emission.kind === 'final'
  if (windows.kind === 'session') {
    requireMerge(fold)
    return {
      supplier: () => new SessionAggregate({ ...common(), windows }),
      store: { valueSerde: sessionRowSerde(internalSerde(state)) as Serde<unknown> },
      hasAgenda: true,
      rowOf: `key, with its open sessions, ${describeWindows(windows)}`,
      knowsOldValues: isFinal,
    }
  }
  if (windows.kind === 'sliding') {
    const valueSerde = slidingBucketSerde(internalSerde(state)) as Serde<unknown>
    return {
      supplier: () => new SlidingAggregate({ ...common(), windows, aggregates: state }),
      store: { kind: 'window', valueSerde },
      hasAgenda: emission.kind !== 'updates',
      rowOf: `key, with its windows that start near each other, ${describeWindows(windows)}`,
      knowsOldValues: isFinal,
    }
  }
  const { sizeMs, graceMs } = windows
  return {
    supplier: () =>
      new WindowedAggregate({ ...common(), windows, sendsOldValues: demands.oldValues }),
    store: { kind: 'window', window: { sizeMs, graceMs } },
    hasAgenda: emission.kind !== 'updates',
    rowOf: `key and window, ${describeWindows(windows)}`,
    knowsOldValues: emission.kind !== 'early',
  }
}

function agendaOf(storeName: string): string {
  return `${storeName}-due`
}

function everyChange(emission: Emission): Emission {
  return emission.kind === 'updates' ? { kind: 'updates', everyUpdate: true } : emission
}

function windowedKey<K>(key: Serde<K>, windows: Windows): Serde<Windowed<K>> {
  switch (windows.kind) {
    case 'session':
      return sessionWindowed(key)
    case 'sliding':
      return windowed(key, windows.timeDifferenceMs)
    default:
      return windowed(key, windows.sizeMs)
  }
}
