import type { NamedAggregates, NamedResults, OfAggregate } from '@millrace/operators'
import type { SlidingWindows, TimeWindows, Windowed } from '@millrace/time'
import type { AggregationOptions, WindowedAggregationOptions } from '../options.ts'
import type { KTable } from '../table/ktable.ts'
import {
  type AggregateOptions,
  aggregating,
  counting,
  type Deletable,
  type NamedAggregateOptions,
  type Options,
  reducing,
} from './aggregation.ts'
import type { Grouping } from './aggregation-table.ts'
import { windowedTable } from './windowed-table.ts'

/**
 * Records grouped by key and window. A record is late for a window from `end + grace` on (stream
 * time, that very instant included; 1 ms later where windows slide): counted for each window, and
 * sent to the topic `late` where one is named. Results have `Windowed` keys.
 */
export class WindowedStream<K, V> {
  readonly #grouping: Grouping<K, V>
  readonly #windows: TimeWindows | SlidingWindows

  constructor(grouping: Grouping<K, V>, windows: TimeWindows | SlidingWindows) {
    this.#grouping = grouping
    this.#windows = windows
  }

  /** How many records each key has had in each window. */
  count(
    options: AggregationOptions<number> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, number> {
    return windowedTable(this.#grouping, counting(options), this.#windows)
  }

  /** As `GroupedStream.reduce`, by window. */
  reduce<D extends V | null>(
    reducer: OfAggregate<K, V, V, D>,
    options: AggregationOptions<V> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, Deletable<V, D>> {
    return windowedTable(
      this.#grouping,
      reducing(reducer, options, this.#grouping.part.value),
      this.#windows,
    )
  }

  /** Several named aggregates in one pass, or one in your own functions, by window. */
  aggregate<N extends NamedAggregates<V>>(
    options: NamedAggregateOptions<N> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, NamedResults<N>>
  aggregate<A, D extends A | null, R = A>(
    options: AggregateOptions<K, V, A, D, R> & WindowedAggregationOptions,
  ): KTable<Windowed<K>, Deletable<R, D>>
  aggregate(options: Options<unknown>): KTable<Windowed<K>, unknown> {
    return windowedTable(this.#grouping, aggregating(options), this.#windows)
  }
}
