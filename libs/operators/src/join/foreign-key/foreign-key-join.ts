import { assert } from '@millrace/errors'
import type { Record, Serde } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import { defined } from '../../callbacks.ts'
import { change } from '../../table/change.ts'
import type { TableReader, TableView } from '../../table/table-view.ts'
import type { OfPair } from '../join-kind.ts'
import { type ForeignKeyOf, foreignKeyBytes, isSameKey } from './foreign-key.ts'
import type { Response } from './messages.ts'

export interface ForeignKeyJoinOptions<K, V, KO, VO, R> {
  readonly kind: 'inner' | 'left'
  readonly joiner: OfPair<K, V, VO | null, R>
  readonly table: TableReader<K, V>
  readonly foreignKeyOf: ForeignKeyOf<K, V, KO>
  readonly foreignKeySerde: Serde<KO>
  /** The store of the results. */
  readonly storeName: string
}

/**
 * Last step of a foreign-key join, where the own table's rows are: joins a response with the row
 * that is there now, and forgets responses for a foreign key that it no longer names. (Kafka
 * Streams compares a hash of the row's bytes instead, which asks for deterministic serdes.)
 *
 * Results are kept: no tombstone goes out for a key that has none.
 */
export class ForeignKeyJoin<K, V, KO, VO, R> implements Processor<K, Response<VO>, K, R | null> {
  readonly #options: ForeignKeyJoinOptions<K, V, KO, VO, R>
  readonly #foreignKey: (value: V | null, key: K) => Buffer | null
  #table: TableView<K, V> | undefined
  #results: Store<K, R> | undefined

  constructor(options: ForeignKeyJoinOptions<K, V, KO, VO, R>) {
    this.#options = options
    this.#foreignKey = foreignKeyBytes(options.foreignKeyOf, options.foreignKeySerde)
  }

  init(context: ProcessorContext): void {
    this.#table = this.#options.table.open(context)
    this.#results = context.store(this.#options.storeName)
  }

  process(record: Record<K, Response<VO>>, collector: Collector<K, R | null>): void {
    const results = this.#results
    assert(this.#table && results, 'process before init')
    const { key, value: response, timestampMs, headers } = record
    const { value } = this.#table.row(key)
    if (!isSameKey(response.foreignKey, this.#foreignKey(value, key))) return
    const result = this.#joined(value, response.row, key)
    const row = results.row(key)
    const oldValue = row.value
    if (result === null && oldValue === null) return
    row.value = result
    row.timestampMs = timestampMs
    results.changed(row)
    collector.forward(change(key, result, oldValue, timestampMs, headers))
  }

  #joined(value: V | null, row: VO | null, key: K): R | null {
    const { kind, joiner } = this.#options
    if (value === null || (row === null && kind === 'inner')) return null
    return defined(joiner(value, row, key)) as R | null
  }
}
