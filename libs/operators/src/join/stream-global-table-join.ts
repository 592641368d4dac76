import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Collector, GlobalRows, Processor, ProcessorContext } from '@millrace/topology'
import { type Defined, defined, type OfRecord } from '../callbacks.ts'
import type { OfPair } from './join-kind.ts'

export interface StreamGlobalTableJoinOptions<K, L, KG, G, O> {
  readonly kind: 'inner' | 'left'
  readonly tableName: string
  /** The key of the table's row; null: none. */
  readonly on: OfRecord<K | null, L, KG | null | undefined>
  readonly joiner: OfPair<K | null, L, G | null, O>
}

/**
 * Joins each record of a stream with a row of a global table, whose key a function takes from the
 * record (Kafka Streams' `KStreamGlobalKTable` join). Nothing is repartitioned, and time does not
 * wait for the table: a record is joined with what has been read of it.
 *
 * A null value is left out and counted; so is a null key of the row, which a left join passes on
 * with null. The record's own key may be null.
 */
export class StreamGlobalTableJoin<K, L, KG, G, O>
  implements Processor<K | null, L | null, K | null, Defined<O>>
{
  readonly #options: StreamGlobalTableJoinOptions<K, L, KG, G, O>
  #rows: GlobalRows<KG, G> | undefined

  constructor(options: StreamGlobalTableJoinOptions<K, L, KG, G, O>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    this.#rows = context.globalTable(this.#options.tableName)
  }

  process(record: Record<K | null, L | null>, collector: Collector<K | null, Defined<O>>): void {
    const { kind, on, joiner } = this.#options
    const { key, value, timestampMs, headers } = record
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    assert(this.#rows, 'process before init')
    const rowKey = on(value, key, record as Record<K | null, L>)
    if (rowKey === null || rowKey === undefined) {
      if (kind === 'inner') return collector.drop(record, 'null-key')
    }
    const row = rowKey == null ? null : this.#rows.row(rowKey).value
    if (row === null && kind === 'inner') return
    const joined = defined(joiner(value, row, key))
    collector.forward({ key, value: joined, timestampMs, headers })
  }
}
