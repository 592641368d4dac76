import {
  aggregateFold,
  countFold,
  type Fold,
  type NamedAggregates,
  type NamedResults,
  namedFold,
  type OfAggregate,
  reduceFold,
} from '@millrace/operators'
import type { Serde } from '@millrace/record'
import { defaultValueSerde } from '../draft/default-serdes.ts'
import { requiredName } from '../draft/required-name.ts'
import type { AggregationOptions, WindowedAggregationOptions } from '../options.ts'

export interface Aggregation<K, V, A, R> {
  readonly fold: Fold<K, V, A, R>
  readonly options: AggregationOptions<R> & WindowedAggregationOptions
  /** The serde of the store's rows. */
  readonly state: Serde<A>
  readonly results: Serde<NonNullable<R>>
}

/** Several named aggregates in one pass. */
export interface NamedAggregateOptions<N> extends AggregationOptions<NamedResults<N>> {
  /** Result names with what each computes: `{ flights: count(), delay: mean((f) => f.delay) }`. */
  readonly of: N
}

/** An aggregation in the user's own functions. */
export interface AggregateOptions<K, V, A, D extends A | null, R> extends AggregationOptions<R> {
  /** The aggregate of no values. */
  readonly initial: () => A
  /** The aggregate with this value in it; it may change the old one and return it. Null deletes. */
  readonly add: OfAggregate<K, V, A, D>
  /** What goes downstream; left out, the aggregate itself. */
  readonly result?: (aggregate: A) => R
  /** The serde of the store's rows where `result` makes something else of them; JSON if left out. */
  readonly state?: Serde<NonNullable<A>>
}

/** An aggregation by sessions, in the user's own functions. */
export interface SessionAggregateOptions<K, V, A, D extends A | null, R>
  extends AggregateOptions<K, V, A, D, R> {
  /** Two aggregates as one, the earlier first: sessions that a record brings together. */
  readonly merge: (earlier: A, later: A, key: K) => A
}

/** The result of an aggregation that can delete its row is null then. */
export type Deletable<R, D> = null extends D ? R | null : R

export type Options<R> = AggregationOptions<R> & WindowedAggregationOptions

export function counting<K, V>(options: Options<number>): Aggregation<K, V, number, number> {
  const serde = options?.value ?? defaultValueSerde()
  return { fold: countFold(), options, state: serde, results: serde }
}

export function reducing<K, V, D extends V | null>(
  reducer: OfAggregate<K, V, V, D>,
  options: Options<V>,
  values: Serde<NonNullable<V>>,
): Aggregation<K, V, V, V> {
  const serde = options?.value ?? values
  return { fold: reduceFold(reducer), options, state: serde, results: serde }
}

/** Both kinds of `aggregate`, once its signatures have checked the types. */
export function aggregating<K, V>(options: Options<unknown>): Aggregation<K, V, unknown, unknown> {
  requiredName(options?.name, 'the store of aggregate')
  return isNamed<V>(options)
    ? named(options)
    : custom(options as AggregateOptions<K, V, unknown, unknown, unknown>)
}

function named<K, V, N extends NamedAggregates<V>>(options: NamedAggregateOptions<N>) {
  const fold = namedFold<K, V, N>(options.of)
  const results = options.value ?? defaultValueSerde()
  return { fold, options, state: defaultValueSerde<unknown>(), results }
}

function custom<K, V, A, R>(options: AggregateOptions<K, V, A, A | null, R>) {
  const results = options.value ?? defaultValueSerde<NonNullable<R>>()
  const state = options.state ?? (options.result ? defaultValueSerde() : results)
  return { fold: aggregateFold(options), options, state, results }
}

function isNamed<V>(options: object): options is NamedAggregateOptions<NamedAggregates<V>> {
  return 'of' in options
}
