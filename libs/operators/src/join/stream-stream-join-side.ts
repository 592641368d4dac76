import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import type { Defined } from '../callbacks.ts'
import { isPreserved, type JoinSide } from './join-kind.ts'
import { StreamStreamJoin, type StreamStreamJoinOptions } from './stream-stream-join.ts'

/**
 * A join of two streams in a window, as its two nodes, one for the records of each side. For each
 * record:
 *
 * 1. Stream time, one for both sides, takes it in, whatever its key and value.
 * 2. Every row of a preserved side that is closed by now and had no match gives its result with
 *    null: by timestamp, right before left, key, arrival. It never matches afterwards.
 * 3. A null key is passed on with null by a preserved side; any other null is left out and counted.
 * 4. A record that is closed on arrival is late, inner joins included: neither joined nor kept.
 * 5. It gives a result with each row of the other side that lies in its window, by timestamp and
 *    then arrival, with the later of the two timestamps; and is kept while a record that is not
 *    late could match it.
 *
 * So each row of a preserved side has matches or one result with null, never both. (Kafka Streams
 * gives both in three ways: KAFKA-16123, KAFKA-19536. It also joins late rows.)
 */
export function streamStreamJoin<K, L, R, O>(
  options: StreamStreamJoinOptions<K, L, R, O>,
): { readonly [S in JoinSide]: () => Processor } {
  // Both nodes of a task find each other through the store they share.
  const joins = new WeakMap<Store<unknown, unknown>, StreamStreamJoin<K, L, R, O>>()
  const joinOf = (context: ProcessorContext) => {
    const store = context.store(options.storeName)
    const join = joins.get(store) ?? new StreamStreamJoin(options, context)
    joins.set(store, join)
    return join
  }
  const supplier = (side: JoinSide) => () =>
    new StreamStreamJoinSide(side, options, joinOf) as unknown as Processor
  return { left: supplier('left'), right: supplier('right') }
}

class StreamStreamJoinSide<K, L, R, O>
  implements Processor<K | null, L | R | null, K | null, Defined<O>>
{
  readonly #side: JoinSide
  readonly #options: StreamStreamJoinOptions<K, L, R, O>
  readonly #joinOf: (context: ProcessorContext) => StreamStreamJoin<K, L, R, O>
  #join: StreamStreamJoin<K, L, R, O> | undefined

  constructor(
    side: JoinSide,
    options: StreamStreamJoinOptions<K, L, R, O>,
    joinOf: (context: ProcessorContext) => StreamStreamJoin<K, L, R, O>,
  ) {
    this.#side = side
    this.#options = options
    this.#joinOf = joinOf
  }

  init(context: ProcessorContext): void {
    this.#join = this.#joinOf(context)
  }

  process(
    record: Record<K | null, L | R | null>,
    collector: Collector<K | null, Defined<O>>,
  ): void {
    const join = this.#join
    assert(join, 'process before init')
    const { key, value, timestampMs, headers } = record
    const streamTimeMs = join.time.observe(timestampMs)
    join.advance(streamTimeMs, collector)
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    if (key === null || key === undefined) {
      if (!isPreserved(this.#options.kind, this.#side)) return collector.drop(record, 'null-key')
      const alone = join.alone(this.#side, key as K, value)
      return collector.forward({ key, value: alone, timestampMs, headers })
    }
    const windows = this.#options.windows[this.#side]
    const closesAtMs = windows.closesAt(timestampMs)
    if (closesAtMs <= streamTimeMs) {
      const window = windows.window(timestampMs)
      return collector.late(record, { window, closesAtMs, streamTimeMs })
    }
    join.add(this.#side, key, record as Record<K, L | R>, collector)
  }

  advance(collector: Collector<K | null, Defined<O>>): void {
    assert(this.#join, 'advance before init')
    this.#join.advance(this.#join.time.streamTimeMs, collector)
  }

  flush(collector: Collector<K | null, Defined<O>>): void {
    this.advance(collector)
    this.#join?.save()
  }
}
