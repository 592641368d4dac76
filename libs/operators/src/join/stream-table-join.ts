import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import { type Defined, defined } from '../callbacks.ts'
import { noRow, type TableReader, type TableView } from '../table/table-view.ts'
import type { OfPair } from './join-kind.ts'

export interface StreamTableJoinOptions<K, L, R, O> {
  readonly kind: 'inner' | 'left'
  readonly table: TableReader<K, R>
  readonly joiner: OfPair<K, L, R | null, O>
}

/**
 * Joins each record of a stream with the row that a table has for its key: the one that arrived
 * last or, in a table with versions, the one that was valid at the record's time (Kafka Streams'
 * `KStreamKTableJoin`). Only records of the stream give results; they keep key, timestamp and
 * headers.
 *
 * A null value is left out and counted; so is a null key, which a left join passes on with null.
 */
export class StreamTableJoin<K, L, R, O>
  implements Processor<K | null, L | null, K | null, Defined<O>>
{
  readonly #options: StreamTableJoinOptions<K, L, R, O>
  #view: TableView<K, R> | undefined

  constructor(options: StreamTableJoinOptions<K, L, R, O>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    this.#view = this.#options.table.open(context)
  }

  process(record: Record<K | null, L | null>, collector: Collector<K | null, Defined<O>>): void {
    const { kind, joiner } = this.#options
    const { key, value, timestampMs, headers } = record
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    if (key === null || key === undefined) {
      if (kind === 'inner') return collector.drop(record, 'null-key')
    }
    const view = this.#view
    assert(view, 'process before init')
    const row = key === null ? noRow : (view.rowAsOf?.(key, timestampMs) ?? view.row(key))
    if (row.value === null && kind === 'inner') return
    const joined = defined(joiner(value, row.value, key as K))
    collector.forward({ key, value: joined, timestampMs, headers })
  }
}
