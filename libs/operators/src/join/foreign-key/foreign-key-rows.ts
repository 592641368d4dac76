import { assert } from '@millrace/errors'
import { internalSerde, type Record, type Serde } from '@millrace/record'
import type { Collector, Processor, ProcessorContext } from '@millrace/topology'
import type { Change } from '../../table/change.ts'
import type { TableReader, TableView } from '../../table/table-view.ts'
import type { Response, Subscription } from './messages.ts'
import { Subscribers } from './subscribers.ts'

export interface ForeignKeyRowsOptions<KO, VO> {
  /** The store of the subscribers. */
  readonly storeName: string
  readonly table: TableReader<KO, VO>
  readonly keySerde: Serde<KO>
}

/**
 * Second step of a foreign-key join, where the other table's rows are: keeps who subscribes to
 * which row, and answers with the row. An answer has the later timestamp of the two.
 */
export class ForeignKeySubscriptions<KO, VO>
  implements Processor<KO, Subscription, Buffer, Response<VO>>
{
  readonly #options: ForeignKeyRowsOptions<KO, VO>
  readonly #keySerde: Serde<KO>
  #subscribers: Subscribers | undefined
  #table: TableView<KO, VO> | undefined

  constructor(options: ForeignKeyRowsOptions<KO, VO>) {
    this.#options = options
    this.#keySerde = internalSerde(options.keySerde)
  }

  init(context: ProcessorContext): void {
    this.#subscribers = new Subscribers(context.store(this.#options.storeName))
    this.#table = this.#options.table.open(context)
  }

  process(record: Record<KO, Subscription>, collector: Collector<Buffer, Response<VO>>): void {
    assert(this.#subscribers && this.#table, 'process before init')
    const { key, headers } = record
    const { primaryKey, isSubscribed, wantsAnswer } = record.value
    const foreignKey = this.#keySerde.serialize(key)
    if (isSubscribed) this.#subscribers.add(foreignKey, primaryKey)
    else this.#subscribers.remove(foreignKey, primaryKey)
    if (!wantsAnswer) return
    const { value: row, timestampMs: rowAtMs } = this.#table.row(key)
    const timestampMs = row === null ? record.timestampMs : Math.max(record.timestampMs, rowAtMs)
    const value = isSubscribed ? { foreignKey, row } : { foreignKey: null, row: null }
    collector.forward({ key: primaryKey, value, timestampMs, headers })
  }
}

/** Second step, too: tells each change of the other table's rows to all who subscribe to them. */
export class ForeignKeyChanges<KO, VO> implements Processor<KO, VO | null, Buffer, Response<VO>> {
  readonly #options: ForeignKeyRowsOptions<KO, VO>
  readonly #keySerde: Serde<KO>
  #subscribers: Subscribers | undefined

  constructor(options: ForeignKeyRowsOptions<KO, VO>) {
    this.#options = options
    this.#keySerde = internalSerde(options.keySerde)
  }

  init(context: ProcessorContext): void {
    this.#subscribers = new Subscribers(context.store(this.#options.storeName))
  }

  process(record: Change<KO, VO>, collector: Collector<Buffer, Response<VO>>): void {
    if (record.isLatest === false) return collector.drop(record, 'out-of-order')
    assert(this.#subscribers, 'process before init')
    const { value: row, timestampMs, headers } = record
    const foreignKey = this.#keySerde.serialize(record.key)
    for (const key of this.#subscribers.of(foreignKey)) {
      collector.forward({ key, value: { foreignKey, row }, timestampMs, headers })
    }
  }
}
