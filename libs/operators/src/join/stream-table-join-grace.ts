import { assert } from '@millrace/errors'
import { internalSerde, type Record, type Serde } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import { Agenda, bucketMsFor } from '../agenda/agenda.ts'
import type { Defined } from '../callbacks.ts'
import { firstAt, insertRow, type JoinRows, noRows } from './join-rows.ts'
import { StreamTableJoin, type StreamTableJoinOptions } from './stream-table-join.ts'

export interface StreamTableJoinGraceOptions<K, L, R, O>
  extends StreamTableJoinOptions<K, L, R, O> {
  readonly graceMs: number
  /** The store of the records that wait, and its agenda (`agendaStore`). */
  readonly storeName: string
  readonly agendaName: string
}

/** Width of the buckets in which records wait. */
export function graceBucketMs(graceMs: number): number {
  return Math.max(1, Math.ceil(graceMs / 8))
}

/**
 * A join with a table that keeps versions, which waits for the table (KIP-923): a record is joined
 * when stream time, that of the records that wait, has come to its timestamp and `grace`; in the
 * order of timestamp, key, arrival. A record that is older than that on arrival is joined at once.
 * Time that moves without a record lets records go as well (Kafka Streams keeps the last ones).
 */
export class StreamTableJoinGrace<K, L, R, O>
  implements Processor<K | null, L | null, K | null, Defined<O>>
{
  readonly #options: StreamTableJoinGraceOptions<K, L, R, O>
  readonly #join: StreamTableJoin<K, L, R, O>
  #waiting: Waiting<K, L> | undefined

  constructor(options: StreamTableJoinGraceOptions<K, L, R, O>) {
    this.#options = options
    this.#join = new StreamTableJoin(options)
  }

  init(context: ProcessorContext): void {
    const { storeName, agendaName, graceMs } = this.#options
    this.#join.init(context)
    const store = context.store<K, JoinRows<L, never>>(storeName)
    this.#waiting = {
      store,
      keySerde: internalSerde(store.spec.keySerde) as Serde<K>,
      agenda: new Agenda(context.store(agendaName), bucketMsFor(graceMs)),
      time: context.time(storeName),
    }
  }

  process(record: Record<K | null, L | null>, collector: Collector<K | null, Defined<O>>): void {
    const { key, value, timestampMs, headers } = record
    const isComplete = key !== null && key !== undefined && value !== null && value !== undefined
    const waiting = this.#waiting
    assert(waiting, 'process before init')
    const { time, store, agenda, keySerde } = waiting
    const joinedThroughMs = time.streamTimeMs - this.#options.graceMs
    if (!isComplete || timestampMs <= joinedThroughMs) return this.#join.process(record, collector)
    const row = store.row(key, this.#bucketOf(timestampMs))
    row.value ??= noRows()
    insertRow(row.value.left, { timestampMs, value, headers })
    row.timestampMs = Math.max(row.timestampMs, timestampMs)
    store.changed(row)
    agenda.add({ timeMs: timestampMs, windowStartMs: -1, tag: 0, key: keySerde.serialize(key) })
    time.observe(timestampMs)
    this.advance(collector)
  }

  advance(collector: Collector<K | null, Defined<O>>): void {
    const { graceMs } = this.#options
    assert(this.#waiting, 'advance before init')
    const { time, agenda, store, keySerde } = this.#waiting
    const throughMs = time.streamTimeMs - graceMs
    for (let due = agenda.next(throughMs); due !== undefined; due = agenda.next(throughMs)) {
      this.#release(keySerde.deserialize(due.key), due.timeMs, collector)
    }
    const past = throughMs - graceBucketMs(graceMs)
    if (past >= 0) store.expireThrough(this.#bucketOf(past))
  }

  flush(collector: Collector<K | null, Defined<O>>): void {
    this.advance(collector)
    this.#waiting?.agenda.save()
  }

  /** Joins the records of this key and timestamp, in the order of their arrival. */
  #release(key: K, timestampMs: number, collector: Collector<K | null, Defined<O>>): void {
    const { store } = this.#waiting as Waiting<K, L>
    const row = store.row(key, this.#bucketOf(timestampMs))
    const rows = row.value?.left ?? []
    const from = firstAt(rows, timestampMs)
    const released = rows.splice(from, firstAt(rows, timestampMs + 1) - from)
    if (rows.length === 0) row.value = null
    store.changed(row)
    for (const { value, headers } of released) {
      this.#join.process({ key, value, timestampMs, headers: headers ?? [] }, collector)
    }
  }

  #bucketOf(timestampMs: number): number {
    return timestampMs - (timestampMs % graceBucketMs(this.#options.graceMs))
  }
}

interface Waiting<K, L> {
  readonly store: Store<K, JoinRows<L, never>>
  readonly keySerde: Serde<K>
  readonly agenda: Agenda
  readonly time: OperatorTime
}
