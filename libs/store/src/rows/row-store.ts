import { assert } from '@millrace/errors'
import { internalSerde, type Serde } from '@millrace/record'
import type { WriteOperation } from '../backend.ts'
import { readInt64, writeInt64 } from '../bytes/int64.ts'
import {
  type ChangeKind,
  type ChangelogRecord,
  changelogRecord,
} from '../changelog/changelog-record.ts'
import { changelogKey, rowKey, windowRange } from '../layout.ts'
import { noWindow, type Row, type RowContent, type Store, type StoreSpec } from '../store.ts'
import type { SealedStore } from '../task/sealed-changes.ts'
import { type BufferedRow, rowState } from './buffered-row.ts'
import { RowBuffer, type RowBufferOptions } from './row-buffer.ts'
import { encodeRow } from './row-codec.ts'
import { reservedMetaPrefix, StoreMetas } from './store-metas.ts'
import { findWindowStarts } from './window-index.ts'

export interface RowStoreOptions extends RowBufferOptions {
  /** Rows that leave with expired windows in one commit; the rest follows with the next ones. */
  readonly expiredRowsMax: number
}

/** Through which window start all rows have left, tombstones included. */
export const expiredThroughMeta = `${reservedMetaPrefix}expired-through`

/**
 * A store as operators see it (`Store`) and as the commit sees it (`seal`, `applied`). Life of a
 * change: `changed` marks the row; `seal` turns all marked rows into bytes and lets the rows begin
 * their next cycle; the backend has them when `TaskState.apply` has run, and `applied` follows.
 */
export class RowStore<K, V> implements Store<K, V> {
  readonly spec: StoreSpec
  readonly #options: RowStoreOptions
  readonly #buffer: RowBuffer<K, V>
  readonly #metas: StoreMetas
  readonly #isWindowed: boolean
  readonly #keySerde: Serde<unknown>
  readonly #valueSerde: Serde<unknown>
  /** Starts of the windows of which the backend has rows, or will have once applied. */
  #starts: Set<number> = new Set()
  #expiredWindows = 0
  /** Of the rows sealed last; before the first, a guess. */
  #rowBytes = 1_024

  constructor(options: RowStoreOptions) {
    this.spec = options.spec
    this.#options = options
    this.#isWindowed = options.spec.kind === 'window'
    this.#keySerde = internalSerde(options.spec.keySerde)
    this.#valueSerde = internalSerde(options.spec.valueSerde)
    this.#buffer = new RowBuffer(options, (startMs) => !this.#starts.has(startMs))
    this.#metas = new StoreMetas(options.storeId)
  }

  /** Takes up what the backend has; forgets everything not committed. */
  async load(): Promise<void> {
    const { backend, storeId } = this.#options
    this.#buffer.clear()
    await this.#metas.load(backend)
    this.#starts = await findWindowStarts(backend, storeId, this.#isWindowed)
    this.#buffer.closedThroughMs = this.expiredThroughMs
  }

  row(key: K, windowStartMs: number = noWindow): Row<K, V> {
    return this.#buffer.row(key, windowStartMs)
  }

  read(key: K, windowStartMs: number = noWindow): RowContent<V> | undefined {
    return this.#buffer.content(key, windowStartMs)
  }

  changed(row: Row<K, V>): void {
    this.#buffer.changed(row as BufferedRow<K, V>)
  }

  changedRows(): readonly Row<K, V>[] {
    return this.#buffer.changedRows()
  }

  expireThrough(windowStartMs: number): void {
    assert(this.#isWindowed, 'only windows expire')
    if (windowStartMs > this.#buffer.closedThroughMs) this.#buffer.closedThroughMs = windowStartMs
  }

  windowStarts(): readonly number[] {
    const { closedThroughMs } = this.#buffer
    return [...this.#starts].filter((startMs) => startMs > closedThroughMs).sort((a, b) => a - b)
  }

  meta(name: string): Buffer | undefined {
    return this.#metas.get(name)
  }

  setMeta(name: string, value: Buffer): void {
    assert(!name.startsWith(reservedMetaPrefix), `meta names of ${reservedMetaPrefix} are reserved`)
    this.#metas.set(name, value)
  }

  /** -Infinity before the first expiry. */
  get expiredThroughMs(): number {
    const bytes = this.#metas.get(expiredThroughMeta)
    return bytes === undefined ? Number.NEGATIVE_INFINITY : readInt64(bytes, 0)
  }

  /** Rows that cannot leave memory before the next commit. */
  get heldRows(): number {
    return this.#buffer.heldRows
  }

  /** About how many bytes these are, by those that were sealed last. */
  get heldBytes(): number {
    return this.#buffer.heldRows * this.#rowBytes
  }

  counts(): RowStoreCounts {
    const { rowCount, backendReadsTotal, evictedTotal } = this.#buffer
    const { closedThroughMs } = this.#buffer
    let [openWindowCount, oldestOpenMs] = [0, Number.POSITIVE_INFINITY]
    for (const startMs of this.#isWindowed ? this.#starts : []) {
      if (startMs <= closedThroughMs) continue
      openWindowCount++
      if (startMs < oldestOpenMs) oldestOpenMs = startMs
    }
    return {
      rowCount,
      backendReadsTotal,
      evictedTotal,
      windowCount: this.#starts.size,
      openWindowCount,
      window: this.spec.window ?? null,
      oldestOpenMs: openWindowCount === 0 ? null : oldestOpenMs,
      openWindowsThrough: (startMs) => this.#openThrough(startMs),
      expiredWindowsTotal: this.#expiredWindows,
    }
  }

  #openThrough(throughMs: number): number {
    const { closedThroughMs } = this.#buffer
    let count = 0
    for (const startMs of this.#starts)
      if (startMs > closedThroughMs && startMs <= throughMs) count++
    return count
  }

  /** What changed since the last seal, as bytes. No other call may come before it resolves. */
  async seal(): Promise<SealedStore | undefined> {
    const sealed: Sealed = { records: [], operations: [], rowBytes: 0 }
    for (const row of this.#buffer.takeChanged()) {
      row.state = rowState.clean
      if (row.windowStartMs > this.#buffer.closedThroughMs) this.#sealRow(row, sealed)
    }
    if (sealed.records.length > 0) this.#rowBytes = sealed.rowBytes / sealed.records.length
    if (this.#buffer.closedThroughMs > this.expiredThroughMs) {
      await this.#expire(sealed)
    }
    for (const [key, value] of this.#metas.takeChanged()) {
      this.#add(sealed, 'meta', key, encodeRow(changelogKey(key), -1, 0, value))
    }
    const { records, operations } = sealed
    return records.length === 0 ? undefined : { name: this.spec.name, records, operations }
  }

  applied(): void {
    this.#buffer.evict()
  }

  #sealRow(row: BufferedRow<K, V>, sealed: Sealed): void {
    if (row.value === null) {
      // Also where no commit left a value: one that was lost after its flush may have put the row into
      // the changelog, and once these records are committed a restore would take it in.
      this.#add(sealed, 'tombstone-deleted', this.#keyOf(row), null, row)
      // A row that comes back later begins anew, whether or not it stayed in memory meanwhile.
      row.existed = false
      row.revision = 0
      row.timestampMs = -1
      this.#buffer.sized(row, 0)
      return
    }
    const key = this.#keyOf(row)
    const value = this.#valueSerde.serialize(row.value)
    const bytes = encodeRow(changelogKey(key), row.timestampMs, row.revision, value)
    this.#add(sealed, 'put', key, bytes, row)
    sealed.rowBytes += key.length + bytes.length
    this.#buffer.sized(row, key.length + bytes.length)
    row.existed = true
    this.#starts.add(row.windowStartMs)
  }

  #keyOf(row: BufferedRow<K, V>): Buffer {
    const key = this.#keySerde.serialize(row.key)
    return rowKey(this.#options.storeId, row.windowStartMs, key)
  }

  /** Oldest windows first; a window cut short by the bound stays in the index for the next seal. */
  async #expire(sealed: Sealed): Promise<void> {
    const { closedThroughMs } = this.#buffer
    const due = [...this.#starts].filter((startMs) => startMs <= closedThroughMs)
    let expiredThroughMs = closedThroughMs
    let room = this.#options.expiredRowsMax
    for (const startMs of due.sort((a, b) => a - b)) {
      const { keys, isWhole } = await this.#committedKeys(startMs, room)
      for (const key of keys) this.#add(sealed, 'tombstone-expired', key, null)
      room -= keys.length
      if (!isWhole) {
        expiredThroughMs = startMs - 1
        break
      }
      this.#starts.delete(startMs)
      this.#expiredWindows++
    }
    this.#buffer.dropClosed()
    // Also where no committed row was due: a commit that was lost after its flush may have put one
    // into the changelog, and a restore removes it by this. No window starts below 0.
    if (expiredThroughMs < 0 || expiredThroughMs <= this.expiredThroughMs) return
    const bytes = Buffer.allocUnsafe(8)
    writeInt64(bytes, expiredThroughMs, 0)
    this.#metas.set(expiredThroughMeta, bytes)
  }

  /** Keys of a window's committed rows, at most `max` of them. */
  async #committedKeys(
    startMs: number,
    max: number,
  ): Promise<{ readonly keys: readonly Buffer[]; readonly isWhole: boolean }> {
    const { backend, storeId } = this.#options
    const rows = this.#buffer.completeWindow(startMs)
    const keys: Buffer[] = []
    if (rows !== undefined) {
      for (const row of rows) {
        if (row.existed) keys.push(this.#keyOf(row))
      }
      keys.sort((a, b) => a.compare(b))
    } else {
      const range = windowRange(storeId, startMs, startMs + 1)
      for await (const key of backend.keys({ ...range, limit: max + 1 })) keys.push(key)
    }
    return { keys: keys.slice(0, max), isWhole: keys.length <= max }
  }

  #add(
    sealed: Sealed,
    kind: ChangeKind,
    key: Buffer,
    value: Buffer | null,
    row?: BufferedRow<K, V>,
  ): void {
    const { position } = this.#options
    sealed.operations.push({ key, value })
    sealed.records.push(
      changelogRecord(changelogKey(key), value, {
        kind,
        timestampMs: row?.timestampMs ?? -1,
        sourceIndex: row?.sourceIndex ?? position.sourceIndex,
        sourceOffset: row?.sourceOffset ?? position.offset,
        revision: row?.revision ?? 0,
      }),
    )
  }
}

interface Sealed {
  readonly records: ChangelogRecord[]
  readonly operations: WriteOperation[]
  rowBytes: number
}

/** For metrics; sums since the start. */
export interface RowStoreCounts {
  readonly rowCount: number
  readonly windowCount: number
  readonly backendReadsTotal: number
  readonly evictedTotal: number
  readonly window: NonNullable<StoreSpec['window']> | null
  /** Windows with rows as of the last seal that have not closed; 0 in a key-value store. */
  readonly openWindowCount: number
  /** Start of the oldest of them; null where there is none. */
  readonly oldestOpenMs: number | null
  /** How many of them start at or before this. */
  readonly openWindowsThrough: (this: void, startMs: number) => number
  /** Windows that have left with all their rows. */
  readonly expiredWindowsTotal: number
}
