import { assert } from '@millrace/errors'
import type { Record } from '@millrace/record'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import { change } from './change.ts'
import type { TableReader } from './table-view.ts'
import { type VersionedRows, type VersionedTableOptions, versionedRows } from './versioned-rows.ts'

/**
 * Makes a table with versions of records (Kafka Streams' `KTableSource` over a versioned store,
 * KIP-914). Every record becomes a version and goes on; one that is older than the latest of its
 * key goes on as such (`isLatest` false), and operators that know only the latest leave it out.
 *
 * A null key, and a record older than the history, are left out and counted.
 */
export class VersionedTableSource<K, V> implements Processor<K | null, V | null, K, V | null> {
  readonly #options: VersionedTableOptions
  #rows: VersionedRows<K, V> | undefined

  constructor(options: VersionedTableOptions) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    this.#rows = versionedRows(this.#options, context)
  }

  process(record: Record<K | null, V | null>, collector: Collector<K, V | null>): void {
    const { key, value, timestampMs, headers } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    assert(this.#rows, 'process before init')
    const put = this.#rows.put(key, value, timestampMs)
    if (put.kind === 'expired') return collector.drop(record, 'expired')
    const isLatest = put.kind === 'latest'
    const oldValue = isLatest ? put.oldValue : undefined
    collector.forward(change(key, value, oldValue, timestampMs, headers, isLatest))
  }

  flush(): void {
    this.#rows?.save()
  }
}

export function versionedReader<K, V>(options: VersionedTableOptions): TableReader<K, V> {
  return {
    stores: [options.storeName, options.historyName],
    open: (context) => versionedRows<K, V>(options, context),
  }
}
