import { assert } from '@millrace/errors'
import { number } from '@millrace/record'
import type { Store, StoreSpec } from '@millrace/store'
import {
  type AgendaEntry,
  type AgendaPage,
  agendaPageSerde,
  appendEntry,
  emptyPage,
  entriesOf,
} from './agenda-page.ts'
import { compareEntries, EntryHeap } from './entry-heap.ts'

const firedThroughMeta = 'fired-through'
/** Pages kept in memory between commits: the last one of each bucket that is being filled. */
const cachePagesMax = 512

/** The store that an agenda needs beside the operator's own. */
export function agendaStore(name: string, why: string): StoreSpec {
  const values = { keySerde: number, valueSerde: agendaPageSerde as StoreSpec['valueSerde'] }
  return { name, kind: 'window', ...values, version: 1, cacheRowsMax: cachePagesMax, why }
}

/** A bucket width that keeps some dozens of buckets open, for entries due within `lifetimeMs`. */
export function bucketMsFor(lifetimeMs: number): number {
  return Math.max(1, Math.min(Math.floor(lifetimeMs / 32), 3_600_000))
}

/**
 * What an operator has to do at which time, persisted with the task's state and readable while a
 * record is processed (decision 3). Kafka Streams scans its stores instead, and loses what a jump
 * in time moves out of their retention.
 *
 * Entries lie in buckets of time, each a list of pages in a window store (window start = start of
 * the bucket, key = number of the page). In memory are the starts of the buckets, the pages that
 * are being filled, and, sorted, the entries of the bucket that time is in.
 */
export class Agenda {
  readonly #store: Store<number, AgendaPage>
  readonly #bucketMs: number
  /** Starts of the buckets that are not in `#heap`, ascending. */
  readonly #waiting: number[]
  /** Pages by bucket start; 0 in a bucket found at the start, whose pages are not counted yet. */
  readonly #pages = new Map<number, number>()
  /** Entries in `#heap` by bucket start. */
  readonly #live = new Map<number, number>()
  readonly #heap = new EntryHeap()
  /** Every bucket that starts at or before this is in `#heap`. */
  #loadedThroughMs = Number.NEGATIVE_INFINITY
  /** Entries up to here have been given out by `next`. */
  #firedThroughMs = Number.NEGATIVE_INFINITY
  #isFiredSaved = true
  #last: AgendaEntry | undefined

  constructor(store: Store<number, AgendaPage>, bucketMs: number) {
    this.#store = store
    this.#bucketMs = bucketMs
    this.#waiting = [...store.windowStarts()]
    const fired = store.meta(firedThroughMeta)
    if (fired !== undefined) this.#firedThroughMs = fired.readDoubleBE(0)
  }

  /** No entry is due before this. */
  get nextAtMs(): number {
    const first = this.#heap.first?.timeMs ?? Number.POSITIVE_INFINITY
    return Math.min(first, this.#waiting[0] ?? Number.POSITIVE_INFINITY)
  }

  /** The same entry twice is given out once. */
  add(entry: AgendaEntry): void {
    assert(entry.timeMs > this.#firedThroughMs, 'what is due already is not put on the agenda')
    const bucket = entry.timeMs - (entry.timeMs % this.#bucketMs)
    this.#append(bucket, entry)
    if (bucket <= this.#loadedThroughMs) this.#push(bucket, entry)
    else insert(this.#waiting, bucket)
  }

  /**
   * The first entry due at or before `throughMs`, which leaves the agenda; `undefined` where no
   * more is. In the order of time, window start, key, tag.
   */
  next(throughMs: number): AgendaEntry | undefined {
    while (this.nextAtMs <= throughMs) {
      this.#loadFirst(throughMs)
      const entry = this.#heap.first
      if (entry === undefined || entry.timeMs > throughMs) break
      this.#pop()
      if (entry.timeMs > this.#firedThroughMs) {
        this.#firedThroughMs = entry.timeMs
        this.#isFiredSaved = false
      }
      if (this.#isRepeated(entry)) continue
      return entry
    }
    this.#leave(throughMs)
    return undefined
  }

  /** The first entry, whenever it is due; it leaves the agenda. */
  first(): AgendaEntry | undefined {
    this.#loadFirst(Number.POSITIVE_INFINITY)
    const entry = this.#pop()
    if (entry === undefined) return undefined
    const bucket = entry.timeMs - (entry.timeMs % this.#bucketMs)
    if (!this.#live.has(bucket)) this.#empty(bucket)
    return entry
  }

  /** At the seal of a commit. */
  save(): void {
    if (this.#isFiredSaved) return
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(this.#firedThroughMs)
    this.#store.setMeta(firedThroughMeta, bytes)
    this.#isFiredSaved = true
  }

  #append(bucket: number, entry: AgendaEntry): void {
    let count = this.#pages.get(bucket) ?? this.#countPages(bucket)
    const last = this.#store.row(Math.max(count - 1, 0), bucket)
    last.value ??= emptyPage()
    if (count === 0) count = 1
    if (appendEntry(last.value, entry)) this.#store.changed(last)
    else {
      const page = this.#store.row(count, bucket)
      page.value = emptyPage()
      appendEntry(page.value, entry)
      this.#store.changed(page)
      count++
    }
    this.#pages.set(bucket, count)
  }

  #countPages(bucket: number): number {
    let count = 0
    while (this.#store.read(count, bucket) !== undefined) count++
    return count
  }

  /** Sees to it that the first entry is in the heap: buckets are read one after the other. */
  #loadFirst(throughMs: number): void {
    for (;;) {
      const bucket = this.#waiting[0]
      if (bucket === undefined || bucket > throughMs) return
      const first = this.#heap.first
      if (first !== undefined && first.timeMs < bucket) return
      this.#waiting.shift()
      this.#load(bucket)
    }
  }

  #load(bucket: number): void {
    for (let page = 0; ; page++) {
      const content = this.#store.read(page, bucket)
      if (content === undefined) break
      for (const entry of entriesOf(content.value)) {
        if (entry.timeMs > this.#firedThroughMs) this.#push(bucket, entry)
      }
    }
    if (bucket > this.#loadedThroughMs) this.#loadedThroughMs = bucket
  }

  #push(bucket: number, entry: AgendaEntry): void {
    this.#heap.push(entry)
    this.#live.set(bucket, (this.#live.get(bucket) ?? 0) + 1)
  }

  #pop(): AgendaEntry | undefined {
    const entry = this.#heap.pop()
    if (entry === undefined) return undefined
    const bucket = entry.timeMs - (entry.timeMs % this.#bucketMs)
    const left = (this.#live.get(bucket) ?? 0) - 1
    if (left > 0) this.#live.set(bucket, left)
    else this.#live.delete(bucket)
    return entry
  }

  #isRepeated(entry: AgendaEntry): boolean {
    const isRepeated = this.#last !== undefined && compareEntries(this.#last, entry) === 0
    this.#last = entry
    return isRepeated
  }

  /** Buckets that are wholly past leave the store. */
  #leave(throughMs: number): void {
    const past = throughMs + 1 - ((throughMs + 1) % this.#bucketMs) - this.#bucketMs
    for (const bucket of this.#pages.keys()) if (bucket <= past) this.#pages.delete(bucket)
    if (past >= 0) this.#store.expireThrough(past)
  }

  /** A bucket whose time is still to come, and of which nothing is left. */
  #empty(bucket: number): void {
    const count = this.#pages.get(bucket) ?? this.#countPages(bucket)
    for (let page = 0; page < count; page++) {
      const row = this.#store.row(page, bucket)
      row.value = null
      this.#store.changed(row)
    }
    this.#pages.set(bucket, 0)
  }
}

/** Into ascending numbers, where it is not yet among them. Mostly at the end. */
function insert(ascending: number[], value: number): void {
  let at = ascending.length
  while (at > 0 && (ascending[at - 1] as number) > value) at--
  if (ascending[at - 1] !== value) ascending.splice(at, 0, value)
}
