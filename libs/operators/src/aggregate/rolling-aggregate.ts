import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import type { Fold } from './fold.ts'
import { FoldedRows } from './folded-rows.ts'

export interface RollingAggregateOptions<K, V, A, R> {
  readonly storeName: string
  readonly fold: Fold<K, V, A, R>
  /** Every change goes out at once; else one result a key and commit, the last. */
  readonly everyUpdate: boolean
  /** Results carry what was sent before them, for the tables that are made of them. */
  readonly sendsOldValues?: boolean
}

/**
 * One aggregate a key, over all time (Kafka Streams' `KStreamAggregate`). A record with a null key
 * or null value is left out and counted.
 */
export class RollingAggregate<K, V, A, R> implements Processor<K | null, V | null, K, R | null> {
  readonly #options: RollingAggregateOptions<K, V, A, R>
  #store: Store<K, A> | undefined
  #rows: FoldedRows<K, V, A, R, K> | undefined

  constructor(options: RollingAggregateOptions<K, V, A, R>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    const { storeName, fold, everyUpdate, sendsOldValues } = this.#options
    const store = context.store<K, A>(storeName)
    this.#store = store
    this.#rows = new FoldedRows({
      store,
      fold,
      everyUpdate,
      sendsOldValues,
      resultKey: (row) => row.key,
    })
  }

  process(record: Record<K | null, V | null>, collector: Collector<K, R | null>): void {
    const { key, value } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    if (value === null || value === undefined) return collector.drop(record, 'null-value')
    assert(this.#store && this.#rows, 'process before init')
    this.#rows.add(this.#store.row(key), record as Record<K, V>, collector)
  }

  flush(collector: Collector<K, R | null>): void {
    this.#rows?.flush(collector)
  }
}
