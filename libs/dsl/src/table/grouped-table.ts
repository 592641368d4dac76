import {
  type GroupedTableFunctions,
  groupedCountFold,
  groupedFold,
  groupedReduceFold,
  type KeyValue,
  type OfRow,
  regroupTable,
  type ValuePair,
  valuePair,
} from '@millrace/operators'
import type { Serde } from '@millrace/record'
import type { Aggregation, Deletable } from '../aggregation/aggregation.ts'
import { addRolling } from '../aggregation/aggregation-table.ts'
import { defaultKeySerde, defaultValueSerde } from '../draft/default-serdes.ts'
import { Repartition } from '../draft/repartition.ts'
import { requiredName } from '../draft/required-name.ts'
import type { StreamPart } from '../draft/stream-part.ts'
import type {
  AggregationOptions,
  OperatorOptions,
  RepartitionOptions,
  StringKeyOptions,
  ValueOptions,
} from '../options.ts'
import type { KTable, StreamOf } from './ktable.ts'
import { noRows } from './require-rows.ts'
import type { TableOrigin, TableSide } from './table-origin.ts'

/** An aggregation of a grouped table in the user's own functions. */
export interface GroupedTableOptions<K, V, A, D extends A | null, R>
  extends AggregationOptions<R>,
    Omit<GroupedTableFunctions<K, V, A, R>, 'add' | 'subtract'> {
  /** The aggregate with this value in it. Null deletes it. */
  readonly add: (aggregate: A, value: V, key: K) => D
  /** The aggregate without this value. Null deletes it. */
  readonly subtract: (aggregate: A, value: V, key: K) => D
  /** The serde of the store's rows where `result` makes something else of them; JSON if left out. */
  readonly state?: Serde<NonNullable<A>>
}

/** A reduction of a grouped table: of its first value a group's aggregate is made without a call. */
export interface GroupedReduceOptions<K, V, D extends V | null> extends AggregationOptions<V> {
  readonly add: (aggregate: V, value: V, key: K) => D
  readonly subtract: (aggregate: V, value: V, key: K) => D
}

type TableOf = <K, V>(side: TableSide<K, V>) => KTable<K, V>

/** How tables and streams are made; handed along, since tables know grouped tables already. */
interface TablesAndStreams {
  readonly streamOf: StreamOf
  readonly tableOf: TableOf
}

/**
 * Rows of a table grouped by another key, to be aggregated. A row that changes its group is taken
 * out of the old one first, in a result of its own: over all groups, sums are wrong for a moment.
 */
export class GroupedTable<K, V> {
  readonly #repartition: Repartition<K, ValuePair<V>>
  readonly #streamOf: StreamOf
  readonly #tableOf: TableOf
  readonly #value: Serde<NonNullable<V>>

  constructor(
    repartition: Repartition<K, ValuePair<V>>,
    { streamOf, tableOf }: TablesAndStreams,
    value: Serde<NonNullable<V>>,
  ) {
    this.#repartition = repartition
    this.#streamOf = streamOf
    this.#tableOf = tableOf
    this.#value = value
  }

  /** How many rows each group has. */
  count(options: AggregationOptions<number>): KTable<K, number> {
    const serde = options?.value ?? defaultValueSerde<number>()
    return this.#table({ fold: groupedCountFold(), options, state: serde, results: serde })
  }

  /** The values of each group put together two at a time. */
  reduce<D extends V | null>(options: GroupedReduceOptions<K, V, D>): KTable<K, Deletable<V, D>> {
    const serde = options?.value ?? this.#value
    const fold = groupedReduceFold<K, V>(options)
    return this.#table({ fold, options, state: serde, results: serde }) as never
  }

  /** An aggregate of each group in your own functions. */
  aggregate<A, D extends A | null, R = A>(
    options: GroupedTableOptions<K, V, A, D, R>,
  ): KTable<K, Deletable<R, D>> {
    const fold = groupedFold<K, V, A, R>(options)
    const results = options?.value ?? defaultValueSerde<NonNullable<R>>()
    const state = options.state ?? (options.result ? defaultValueSerde() : results)
    return this.#table({ fold, options, state: state as Serde<A>, results }) as never
  }

  #table<A, R>(aggregation: Aggregation<K, ValuePair<V>, A, R>): KTable<K, R> {
    const { fold, options } = aggregation
    const name = requiredName(options?.name, `the store of ${fold.operator}`)
    const part = this.#repartition.forTable(name)
    const grouping = { part, repartition: undefined, streamOf: this.#streamOf }
    return this.#tableOf(addRolling(grouping, aggregation))
  }
}

/** Adds the node that turns changes of rows into changes of groups. */
export function groupedTable<K, V, K2, V2>(
  { draft, from }: StreamPart<K, V>,
  origin: TableOrigin<K, V>,
  making: TablesAndStreams,
  selector: OfRow<K, NonNullable<V>, KeyValue<K2, V2>>,
  options: RepartitionOptions & OperatorOptions & StringKeyOptions<K2> & ValueOptions<V2>,
): GroupedTable<NonNullable<K2>, NonNullable<V2>> {
  type Group = NonNullable<K2>
  if (!origin.knowsOldValues) throw noRows('groupBy', from)
  origin.demands.oldValues = true
  const name = requiredName(options?.repartition, 'the repartition that groupBy of a table needs')
  const key = options.key ?? defaultKeySerde<Group>('groupBy')
  const value = options.value ?? defaultValueSerde<NonNullable<V2>>()
  const node = draft.addProcessor(
    {
      operator: 'groupBy',
      name: options.name,
      supplier: () => regroupTable(selector, key),
      functions: [selector],
    },
    from,
  )
  const part: StreamPart<Group, ValuePair<NonNullable<V2>>> = {
    draft,
    from: [node],
    key: key,
    value: valuePair(value),
    rekeyedBy: node,
  }
  const repartition = new Repartition(part, { name, partitions: options.partitions })
  return new GroupedTable<Group, NonNullable<V2>>(repartition, making, value)
}
