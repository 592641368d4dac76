import type { NamedAggregates, NamedResults, OfAggregate } from '@millrace/operators'
import type { SessionWindows, SlidingWindows, TimeWindows, Windows } from '@millrace/time'
import type { AggregationOptions } from '../options.ts'
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
import {
  type Cogrouped,
  type CogroupedInput,
  CogroupedStream,
  type CogroupOptions,
} from './cogrouped-stream.ts'
import { rollingTable } from './rolling-table.ts'
import { SessionWindowedStream } from './session-windowed-stream.ts'
import { WindowedStream } from './windowed-stream.ts'

/**
 * Records grouped by key, to be aggregated over all time or, after `windowedBy`, by windows.
 * A record with a null key or value is left out of every aggregation and counted.
 */
export class GroupedStream<K, V> {
  readonly #grouping: Grouping<K, V>

  constructor(grouping: Grouping<K, V>) {
    this.#grouping = grouping
  }

  /** For `cogroup`. */
  get grouping(): Grouping<K, V> {
    return this.#grouping
  }

  /** Aggregates by key and window from here on. */
  windowedBy(windows: TimeWindows | SlidingWindows): WindowedStream<K, V>
  windowedBy(windows: SessionWindows): SessionWindowedStream<K, V>
  windowedBy(windows: Windows): WindowedStream<K, V> | SessionWindowedStream<K, V> {
    return windows.kind === 'session'
      ? new SessionWindowedStream(this.#grouping, windows)
      : new WindowedStream(this.#grouping, windows)
  }

  /**
   * One aggregate of this stream and others. Each says what its values do to it.
   *
   * ```ts
   * clicks
   *   .groupByKey()
   *   .cogroup({ initial: () => 0, add: (score) => score + 1 })
   *   .cogroup(orders.groupByKey(), (score, order) => score + order.sum)
   *   .aggregate({ name: 'scores' })
   * ```
   */
  cogroup<A>({ initial, add, merge }: CogroupOptions<K, V, A>): CogroupedStream<K, A> {
    const input = { grouping: this.#grouping, add } as unknown as CogroupedInput
    const shared = { initial, merge } as Cogrouped['shared']
    return new CogroupedStream({ inputs: [input], shared })
  }

  /** How many records each key has had. */
  count(options: AggregationOptions<number>): KTable<K, number> {
    return rollingTable(this.#grouping, counting(options))
  }

  /**
   * The values of each key put together two at a time. The first value becomes the aggregate
   * without a call; null deletes it.
   */
  reduce<D extends V | null>(
    reducer: OfAggregate<K, V, V, D>,
    options: AggregationOptions<V>,
  ): KTable<K, Deletable<V, D>> {
    return rollingTable(
      this.#grouping,
      reducing(reducer, options, this.#grouping.part.value),
    ) as KTable<K, Deletable<V, D>>
  }

  /** Several named aggregates in one pass, or one in your own functions. */
  aggregate<N extends NamedAggregates<V>>(
    options: NamedAggregateOptions<N>,
  ): KTable<K, NamedResults<N>>
  aggregate<A, D extends A | null, R = A>(
    options: AggregateOptions<K, V, A, D, R>,
  ): KTable<K, Deletable<R, D>>
  aggregate(options: Options<unknown>): KTable<K, unknown> {
    return rollingTable(this.#grouping, aggregating(options))
  }
}
