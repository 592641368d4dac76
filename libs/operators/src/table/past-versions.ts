import type { Store } from '@millrace/store'
import { insertVersion, openEndMs, type Version } from './version.ts'

/** Width of the segments in which past versions are kept: some four to the history. */
export function segmentMsFor(historyMs: number): number {
  return Math.max(1, Math.ceil(historyMs / 4))
}

/**
 * The versions of rows that are not the latest, each in the segment in which it ended; a deletion
 * that is the latest in that in which it began. So what was valid at a time is found by looking at
 * the segments from that time on.
 */
export class PastVersions<K, V> {
  readonly #store: Store<K, Version<V>[]>
  readonly #segmentMs: number

  constructor(store: Store<K, Version<V>[]>, segmentMs: number) {
    this.#store = store
    this.#segmentMs = segmentMs
  }

  /** The version that ends first after a time. No version begins after `largestMs`. */
  firstAfter(key: K, timestampMs: number, largestMs: number): Version<V> | undefined {
    for (let at = this.#segmentOf(timestampMs); at <= largestMs; at += this.#segmentMs) {
      const first = this.#store.read(key, at)?.value.find(({ toMs }) => toMs > timestampMs)
      if (first !== undefined) return first
    }
    return undefined
  }

  /** The deletion that is the latest version of a key, where it is one. */
  deletion(key: K, earliestMs: number, largestMs: number): Version<V> | undefined {
    const last = Math.max(0, this.#segmentOf(Math.max(0, earliestMs)))
    for (let at = this.#segmentOf(largestMs); at >= last; at -= this.#segmentMs) {
      const found = this.#store.read(key, at)?.value.at(-1)
      if (found?.toMs === openEndMs) return found
    }
    return undefined
  }

  add(key: K, version: Version<V>): void {
    const row = this.#store.row(key, this.#homeOf(version))
    row.value ??= []
    insertVersion(row.value, version)
    row.timestampMs = Math.max(row.timestampMs, version.fromMs)
    this.#store.changed(row)
  }

  remove(key: K, version: Version<V>): void {
    const row = this.#store.row(key, this.#homeOf(version))
    row.value = row.value?.filter(({ fromMs }) => fromMs !== version.fromMs) ?? null
    if (row.value?.length === 0) row.value = null
    this.#store.changed(row)
  }

  /** Versions that ended before this are not asked for any more. */
  expireBefore(timestampMs: number): void {
    const past = timestampMs - this.#segmentMs
    if (past >= 0) this.#store.expireThrough(past)
  }

  #homeOf({ fromMs, toMs }: Version<V>): number {
    return this.#segmentOf(toMs === openEndMs ? fromMs : toMs)
  }

  #segmentOf(timestampMs: number): number {
    return timestampMs - (timestampMs % this.#segmentMs)
  }
}
