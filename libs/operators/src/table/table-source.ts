import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import { type Change, change } from './change.ts'

/**
 * Makes a table of records: the last one to arrive is its key's row, whatever its timestamp; a
 * null value deletes it (Kafka Streams' `KTableSource`). A null key is left out and counted.
 */
export class TableSource<K, V> implements Processor<K | null, V | null, K, V | null> {
  readonly #storeName: string
  #store: Store<K, V> | undefined

  constructor(storeName: string) {
    this.#storeName = storeName
  }

  init(context: ProcessorContext): void {
    this.#store = context.store(this.#storeName)
  }

  process(record: Record<K | null, V | null>, collector: Collector<K, V | null>): void {
    const { key, value, timestampMs, headers } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    const store = this.#store
    assert(store, 'process before init')
    const row = store.row(key)
    const oldValue = row.value
    if (value !== null || oldValue !== null) {
      row.value = value
      row.timestampMs = timestampMs
      store.changed(row)
    }
    collector.forward(change(key, value, oldValue, timestampMs, headers))
  }
}

/**
 * A table of which no rows are kept: every record is a change whose old value nobody knows. What
 * follows cannot tell whether a deletion deletes anything, and passes it on.
 */
export function passTable<K, V>(): Processor<K | null, V | null, K, V | null> {
  return {
    process(record, collector) {
      const { key, value, timestampMs, headers } = record
      if (key === null || key === undefined) return collector.drop(record, 'null-key')
      const passed: Change<K, V> = change(key, value, undefined, timestampMs, headers)
      collector.forward(passed)
    },
  }
}
