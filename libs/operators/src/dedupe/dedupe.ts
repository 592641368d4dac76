import { assert } from '@millrace/errors'
import type { Record, Serde } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Collector, OperatorTime, Processor, ProcessorContext } from '@millrace/topology'
import type { OfRecord } from '../callbacks.ts'

/** What tells one thing from another within a key. */
export type DedupeId = string | number | bigint | boolean

export interface DedupeOptions<K, V> {
  /** A window store with windows of `withinMs`, which keeps them for `withinMs + graceMs` more. */
  readonly storeName: string
  readonly withinMs: number
  readonly graceMs: number
  /** Left out: the key alone. */
  readonly id?: OfRecord<NonNullable<K>, V, DedupeId> | undefined
  readonly keySerde: Serde<NonNullable<K>>
}

/**
 * Lets the first record of each key (and id) pass, and leaves out those that lie less than
 * `withinMs` of event time before or after one that has passed. First is what arrives first. The rule
 * is Millrace's own: Kafka Streams 4.1 has no such operator (KIP-655 stayed a draft).
 *
 * 1. A null key is left out and counted, without effect on stream time.
 * 2. Stream time takes the record in. Windows `[n·within, (n+1)·within)` close at their end and
 *    `graceMs`: a record of a closed one is late.
 * 3. Two that have passed are `withinMs` apart, so a window holds at most one of an identity, and
 *    the record's own window and the two beside it decide.
 */
export class Dedupe<K, V> implements Processor<K, V, K, V> {
  readonly #options: DedupeOptions<K, V>
  #task: { readonly store: Store<unknown, number>; readonly time: OperatorTime } | undefined

  constructor(options: DedupeOptions<K, V>) {
    this.#options = options
  }

  init(context: ProcessorContext): void {
    const { storeName } = this.#options
    this.#task = { store: context.store(storeName), time: context.time(storeName) }
  }

  process(record: Record<K, V>, collector: Collector<K, V>): void {
    const { key, timestampMs } = record
    if (key === null || key === undefined) return collector.drop(record, 'null-key')
    assert(this.#task, 'process before init')
    const { store, time } = this.#task
    const { withinMs, graceMs } = this.#options
    const streamTimeMs = time.observe(timestampMs)
    this.#expire(streamTimeMs, store)
    const startMs = Math.floor(timestampMs / withinMs) * withinMs
    const closesAtMs = startMs + withinMs + graceMs
    if (closesAtMs <= streamTimeMs) {
      const window = { startMs, endMs: startMs + withinMs }
      return collector.late(record, { window, closesAtMs, streamTimeMs })
    }
    const identity = this.#identity(record, key)
    const row = store.row(identity, startMs)
    if (row.value !== null) return collector.drop(record, 'duplicate')
    const before = store.read(identity, startMs - withinMs)?.value
    const after = store.read(identity, startMs + withinMs)?.value
    if (before !== undefined && timestampMs - before < withinMs)
      return collector.drop(record, 'duplicate')
    if (after !== undefined && after - timestampMs < withinMs)
      return collector.drop(record, 'duplicate')
    row.value = timestampMs
    row.timestampMs = timestampMs
    store.changed(row)
    collector.forward(record)
  }

  advance(): void {
    assert(this.#task, 'advance before init')
    this.#expire(this.#task.time.streamTimeMs, this.#task.store)
  }

  /** A window is asked for by records of the next one too, until that is closed. */
  #expire(streamTimeMs: number, store: Store<unknown, number>): void {
    const { withinMs, graceMs } = this.#options
    const throughMs = streamTimeMs - 2 * withinMs - graceMs
    if (throughMs >= 0) store.expireThrough(Math.floor(throughMs / withinMs) * withinMs)
  }

  /** The key, or its bytes behind their length, and the id behind them. */
  #identity(record: Record<K, V>, key: NonNullable<K>): unknown {
    const { id, keySerde } = this.#options
    if (id === undefined) return key
    const chosen = id(record.value, key, record as Record<NonNullable<K>, V>)
    const keyBytes = keySerde.serialize(key)
    const idText = `${typeof chosen}:${String(chosen)}`
    const bytes = Buffer.allocUnsafe(4 + keyBytes.length + Buffer.byteLength(idText))
    bytes.writeUInt32BE(keyBytes.length)
    keyBytes.copy(bytes, 4)
    bytes.write(idText, 4 + keyBytes.length)
    return bytes
  }
}
