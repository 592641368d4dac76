import type { Store } from '@millrace/store'
import type { OperatorTime, ProcessorContext } from '@millrace/topology'
import { PastVersions, segmentMsFor } from './past-versions.ts'
import { noRow, type TableRow, type TableView } from './table-view.ts'
import { openEndMs, type Version } from './version.ts'

export interface VersionedTableOptions {
  /** The store of the latest versions. */
  readonly storeName: string
  /** The store of the others. */
  readonly historyName: string
  readonly historyMs: number
}

/** What a put did: nothing, since the history is shorter; or whether it is the key's latest now. */
export type PutResult<V> =
  | { readonly kind: 'expired' }
  | { readonly kind: 'latest'; readonly oldValue: V | null }
  | { readonly kind: 'older' }

const largestMeta = 'largest-timestamp'

/**
 * A table that keeps the versions of its rows, as far back as its history goes, counted from the
 * table's stream time (Kafka Streams' `VersionedKeyValueStore`, KIP-889). A version is valid from
 * its timestamp until that of the next; a deletion is one, too.
 */
export class VersionedRows<K, V> implements TableView<K, V> {
  readonly #latest: Store<K, V>
  readonly #past: PastVersions<K, V>
  readonly #time: OperatorTime
  readonly #historyMs: number
  /** Of all versions put; stream time may lag behind it. */
  #largestMs: number

  constructor(options: VersionedTableOptions, context: ProcessorContext) {
    const { storeName, historyName, historyMs } = options
    this.#latest = context.store(storeName)
    this.#time = context.time(storeName)
    this.#past = new PastVersions(context.store(historyName), segmentMsFor(historyMs))
    this.#historyMs = historyMs
    this.#largestMs = this.#latest.meta(largestMeta)?.readDoubleBE(0) ?? -1
  }

  row(key: K): TableRow<V> {
    return this.#latest.row(key)
  }

  /** Before the history only the latest version can be found, where it is as old. */
  rowAsOf(key: K, timestampMs: number): TableRow<V> {
    const latest = this.#latest.row(key)
    if (latest.value !== null && latest.timestampMs <= timestampMs) return latest
    if (timestampMs < this.#earliestMs) return noRow
    const found = this.#past.firstAfter(key, timestampMs, this.#largestMs)
    if (found === undefined || found.fromMs > timestampMs) return noRow
    return { value: found.value, timestampMs: found.fromMs }
  }

  put(key: K, value: V | null, timestampMs: number): PutResult<V> {
    this.#time.observe(timestampMs)
    if (timestampMs < this.#earliestMs) return { kind: 'expired' }
    this.#largestMs = Math.max(this.#largestMs, timestampMs)
    this.#past.expireBefore(this.#earliestMs)
    const latest = this.#latest.row(key)
    const deletion =
      latest.value === null
        ? this.#past.deletion(key, this.#earliestMs, this.#largestMs)
        : undefined
    const fromMs = latest.value === null ? (deletion?.fromMs ?? -1) : latest.timestampMs
    if (timestampMs < fromMs) {
      this.#insert(key, value, timestampMs, fromMs)
      return { kind: 'older' }
    }
    const oldValue = latest.value
    if (deletion !== undefined) this.#past.remove(key, deletion)
    if (fromMs >= 0 && timestampMs > fromMs) {
      this.#past.add(key, { fromMs, toMs: timestampMs, value: oldValue })
    }
    this.#setLatest(key, value, timestampMs)
    return { kind: 'latest', oldValue }
  }

  /** At the seal of a commit. */
  save(): void {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(this.#largestMs)
    this.#latest.setMeta(largestMeta, bytes)
  }

  get #earliestMs(): number {
    return this.#time.streamTimeMs - this.#historyMs
  }

  #setLatest(key: K, value: V | null, timestampMs: number): void {
    const latest = this.#latest.row(key)
    if (value === null) {
      this.#past.add(key, { fromMs: timestampMs, toMs: openEndMs, value: null })
    }
    if (value === null && latest.value === null) return
    latest.value = value
    latest.timestampMs = timestampMs
    this.#latest.changed(latest)
  }

  /** A version older than the latest, which begins at `latestFromMs`. */
  #insert(key: K, value: V | null, timestampMs: number, latestFromMs: number): void {
    const after = this.#past.firstAfter(key, timestampMs, this.#largestMs)
    const version = (toMs: number): Version<V> => ({ fromMs: timestampMs, toMs, value })
    if (after === undefined) return this.#past.add(key, version(latestFromMs))
    if (after.fromMs > timestampMs) return this.#past.add(key, version(after.fromMs))
    this.#past.remove(key, after)
    this.#past.add(key, version(after.toMs))
    if (after.fromMs === timestampMs) return
    this.#past.add(key, { fromMs: after.fromMs, toMs: timestampMs, value: after.value })
  }
}

// The operators of a task that read a table find its rows through the store.
const opened = new WeakMap<object, VersionedRows<unknown, unknown>>()

/** The rows of a table in this task. */
export function versionedRows<K, V>(
  options: VersionedTableOptions,
  context: ProcessorContext,
): VersionedRows<K, V> {
  const store = context.store(options.storeName)
  const rows = opened.get(store) ?? new VersionedRows<unknown, unknown>(options, context)
  opened.set(store, rows)
  return rows as unknown as VersionedRows<K, V>
}
