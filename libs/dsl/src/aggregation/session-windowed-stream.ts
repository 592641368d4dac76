import type { NamedAggregates, NamedResults, OfAggregate } from '@millrace/operators'
import type { SessionWindows, Windowed } from '@millrace/time'
import type { AggregationOptions, WindowedAggregationOptions } from '../options.ts'
import type { KTable } from '../table/ktable.ts'
import {
  aggregating,
  counting,
  type Deletable,
  type NamedAggregateOptions,
  type Options,
  reducing,
  type SessionAggregateOptions,
} from './aggregation.ts'
import type { Grouping } from './aggregation-table.ts'
import { windowedTable } from './windowed-table.ts'

/**
 * Records grouped by key and session. A session takes records until `last + gap + grace`; a record
 * that would only make a session closed already is late. Results have `Windowed` keys with the
 * first and the last timestamp in the session. One that became part of a larger session is taken
 * back with a null value.
 */
export class SessionWindowedStream<K, V> {
  readonly #grouping: Grouping<K, V>
  readonly #windows: SessionWindows

  constructor(grouping: Grouping<K, V>, windows: SessionWindows) {
    this.#grouping = grouping
    this.#windows = windows
  }

  /** How many records each session has. */
  count(
    options: AggregationOptions<number> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, number | null> {
    return windowedTable(this.#grouping, counting(options), this.#windows)
  }

  /** As `GroupedStream.reduce`, by session; sessions that meet are put together by the function. */
  reduce(
    reducer: OfAggregate<K, V, V, V>,
    options: AggregationOptions<V> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, V | null> {
    const { value } = this.#grouping.part
    return windowedTable(this.#grouping, reducing(reducer, options, value), this.#windows)
  }

  /** Several named aggregates in one pass, or one in your own functions with a `merge`. */
  aggregate<N extends NamedAggregates<V>>(
    options: NamedAggregateOptions<N> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, NamedResults<N> | null>
  aggregate<A, D extends A | null, R = A>(
    options: SessionAggregateOptions<K, V, A, D, R> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, Deletable<R, D> | null>
  aggregate(options: Options<unknown>): KTable<Windowed<K>, unknown> {
    return windowedTable(this.#grouping, aggregating(options), this.#windows)
  }
}
