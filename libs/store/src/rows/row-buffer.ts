import { assert } from '@millrace/errors'
import { identityOf, internalSerde } from '@millrace/record'
import type { StateBackend } from '../backend.ts'
import { changelogKey, rowKey } from '../layout.ts'
import { noWindow, type RowContent, type StoreSpec } from '../store.ts'
import type { SourcePosition } from '../task/positions.ts'
import { BufferedRow, type RowGroup, rowState } from './buffered-row.ts'
import { checkRow, rowRevision, rowTimestampMs, rowValue } from './row-codec.ts'

export interface RowBufferOptions {
  readonly spec: StoreSpec
  readonly storeId: number
  readonly backend: StateBackend
  readonly position: SourcePosition
  /** Rows kept after a commit, so that a hot key is not read again. */
  readonly cacheRowsMax: number
  /** The same, by the bytes of the rows as the backend has them. */
  readonly cacheBytesMax: number
}

/**
 * The rows of one store that are in memory: window start → key identity → row. Rows in use stay
 * the same object until the commit after the next seal; what is over the bounds then leaves, rows not asked for lately first.
 */
export class RowBuffer<K, V> {
  readonly #options: RowBufferOptions
  readonly #position: SourcePosition
  readonly #identityOf: (key: K) => string | number
  readonly #groups = new Map<number, RowGroup<K, V>>()
  /** The group asked for last: records that follow each other mostly fall into the same window. */
  #lastGroup: RowGroup<K, V>
  #changed: BufferedRow<K, V>[] = []
  #cycle = 0
  #rowCount = 0
  #sizeBytes = 0
  #heldRows = 0
  readonly #isKnownEmpty: (windowStartMs: number) => boolean
  /** Windows starting at or before this take no more changes. */
  closedThroughMs = Number.NEGATIVE_INFINITY
  backendReadsTotal = 0
  evictedTotal = 0

  /** `isKnownEmpty` tells of a window, cheaply, that the backend has no row of it. */
  constructor(options: RowBufferOptions, isKnownEmpty: (windowStartMs: number) => boolean) {
    this.#options = options
    this.#position = options.position
    this.#isKnownEmpty = isKnownEmpty
    this.#lastGroup = { windowStartMs: Number.NaN, rows: new Map(), isComplete: false }
    const keySerde = internalSerde(options.spec.keySerde)
    this.#identityOf = keySerde.identity?.bind(keySerde) ?? ((key) => identityOf(keySerde, key))
  }

  row(key: K, windowStartMs: number): BufferedRow<K, V> {
    const last = this.#lastGroup
    const group = last.windowStartMs === windowStartMs ? last : this.#group(windowStartMs)
    const identity = this.#identityOf(key)
    const row = group.rows.get(identity)
    if (row === undefined) return this.#load(group, identity, key)
    row.usedInCycle = this.#cycle
    return row
  }

  /** What a row holds, without taking it into memory. */
  content(key: K, windowStartMs: number): RowContent<V> | undefined {
    const group = this.#groups.get(windowStartMs)
    const known = group?.rows.get(this.#identityOf(key))
    if (known !== undefined) return known.value === null ? undefined : (known as RowContent<V>)
    if (group?.isComplete ?? this.#isKnownEmpty(windowStartMs)) return undefined
    const row = new BufferedRow<K, V>(key, windowStartMs, this.#cycle)
    this.#read(row)
    return row.existed ? (row as RowContent<V>) : undefined
  }

  changed(row: BufferedRow<K, V>): void {
    const position = this.#position
    row.sourceIndex = position.sourceIndex
    row.sourceOffset = position.offset
    if (row.state !== rowState.changed) this.#firstChange(row)
  }

  #firstChange(row: BufferedRow<K, V>): void {
    assert(row.state === rowState.clean, 'a row is not kept beyond the commit that ends its buffer')
    assert(row.windowStartMs > this.closedThroughMs, 'a closed window takes no more changes')
    row.state = rowState.changed
    row.revision++
    if (row.loadedInCycle !== this.#cycle) this.#heldRows++
    this.#changed.push(row)
  }

  changedRows(): readonly BufferedRow<K, V>[] {
    return this.#changed
  }

  /** Hands the changed rows over and starts the next cycle; the caller settles each of them. */
  takeChanged(): readonly BufferedRow<K, V>[] {
    const changed = this.#changed
    this.#changed = []
    this.#cycle++
    this.#heldRows = 0
    return changed
  }

  /** Rows that must stay until the next commit: changed ones and those read since the last. */
  get heldRows(): number {
    return this.#heldRows
  }

  get rowCount(): number {
    return this.#rowCount
  }

  /** The row's bytes became known. */
  sized(row: BufferedRow<K, V>, sizeBytes: number): void {
    if (row.state === rowState.detached) return
    this.#sizeBytes += sizeBytes - row.sizeBytes
    row.sizeBytes = sizeBytes
  }

  /** The rows of a window, where all of them are in memory. */
  completeWindow(windowStartMs: number): Iterable<BufferedRow<K, V>> | undefined {
    const group = this.#groups.get(windowStartMs)
    return group?.isComplete ? group.rows.values() : undefined
  }

  /** Forgets the windows that are closed. */
  dropClosed(): void {
    for (const [startMs, group] of this.#groups) {
      if (startMs > this.closedThroughMs) continue
      this.#groups.delete(startMs)
      this.#rowCount -= group.rows.size
      for (const row of group.rows.values()) this.#sizeBytes -= row.sizeBytes
      if (group === this.#lastGroup) this.#forgetLast()
    }
  }

  clear(): void {
    for (const group of this.#groups.values()) {
      for (const row of group.rows.values()) row.state = rowState.detached
    }
    this.#groups.clear()
    this.#forgetLast()
    this.takeChanged()
    this.#rowCount = 0
    this.#sizeBytes = 0
  }

  /** Down to nine tenths of the bounds, so that the next commits need not look again. */
  evict(): void {
    if (this.#isWithin(1)) return
    this.#evictUnused(this.#cycle - 1)
    this.#evictUnused(this.#cycle)
  }

  #isWithin(share: number): boolean {
    const { cacheRowsMax, cacheBytesMax } = this.#options
    return this.#rowCount <= cacheRowsMax * share && this.#sizeBytes <= cacheBytesMax * share
  }

  /** Rows asked for in the cycle under way are in somebody's hands and stay. */
  #evictUnused(sinceCycle: number): void {
    for (const group of this.#groups.values()) {
      for (const [identity, row] of group.rows) {
        if (this.#isWithin(0.9)) return
        if (row.usedInCycle >= sinceCycle || row.state !== rowState.clean) continue
        group.rows.delete(identity)
        group.isComplete = false
        row.state = rowState.detached
        this.#rowCount--
        this.#sizeBytes -= row.sizeBytes
        this.evictedTotal++
      }
    }
  }

  #group(windowStartMs: number): RowGroup<K, V> {
    let group = this.#groups.get(windowStartMs)
    if (group === undefined) {
      const isWindowed = this.#options.spec.kind === 'window'
      assert(
        isWindowed ? windowStartMs >= 0 : windowStartMs === noWindow,
        'a window store is asked with a window start, a key-value store without',
      )
      const isComplete = this.#isKnownEmpty(windowStartMs)
      group = { windowStartMs, rows: new Map(), isComplete }
      this.#groups.set(windowStartMs, group)
    }
    this.#lastGroup = group
    return group
  }

  #load(group: RowGroup<K, V>, identity: string | number, key: K): BufferedRow<K, V> {
    const row = new BufferedRow<K, V>(key, group.windowStartMs, this.#cycle)
    if (!group.isComplete) this.#read(row)
    group.rows.set(identity, row)
    this.#rowCount++
    this.#sizeBytes += row.sizeBytes
    this.#heldRows++
    return row
  }

  #read(row: BufferedRow<K, V>): void {
    const { backend, spec, storeId } = this.#options
    const keyBytes = internalSerde(spec.keySerde).serialize(row.key)
    const key = rowKey(storeId, row.windowStartMs, keyBytes)
    const bytes = backend.getSync(key)
    this.backendReadsTotal++
    if (bytes === undefined) return
    checkRow(changelogKey(key), bytes, backend.location)
    row.value = internalSerde(spec.valueSerde).deserialize(rowValue(bytes)) as V
    row.timestampMs = rowTimestampMs(bytes)
    row.revision = rowRevision(bytes)
    row.existed = true
    row.sizeBytes = bytes.length
  }

  #forgetLast(): void {
    this.#lastGroup = { windowStartMs: Number.NaN, rows: new Map(), isComplete: false }
  }
}
