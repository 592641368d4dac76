import type { Store } from '@millrace/store'
import type { SlidingBucket, SlidingWindow } from './sliding-window.ts'

/**
 * The windows of a store of sliding windows, in rows by key and bucket (decision 3): a record looks
 * at windows that start within two time differences before it, and so at a few rows.
 */
export class SlidingRows<K, A> {
  readonly #store: Store<K, SlidingBucket<A>>
  /** Width of a bucket. */
  readonly bucketMs: number

  constructor(store: Store<K, SlidingBucket<A>>, timeDifferenceMs: number) {
    this.#store = store
    this.bucketMs = bucketMsOf(timeDifferenceMs)
  }

  /** Windows of the key that start in `[fromMs, toMs]`, ascending. */
  between(key: K, fromMs: number, toMs: number): SlidingWindow<A>[] {
    const windows: SlidingWindow<A>[] = []
    for (let bucket = this.#bucketOf(fromMs); bucket <= toMs; bucket += this.bucketMs) {
      for (const window of this.#store.row(key, bucket).value ?? []) {
        if (window.startMs >= fromMs && window.startMs <= toMs) windows.push(window)
      }
    }
    return windows
  }

  /** A look at one window, without keeping its row in memory. */
  read(key: K, startMs: number): SlidingWindow<A> | undefined {
    const content = this.#store.read(key, this.#bucketOf(startMs))
    return content?.value.find((window) => window.startMs === startMs)
  }

  /** Adds a window that is not there yet. */
  insert(key: K, window: SlidingWindow<A>): void {
    const row = this.#store.row(key, this.#bucketOf(window.startMs))
    row.value ??= []
    let at = row.value.length
    while (at > 0 && (row.value[at - 1] as SlidingWindow<A>).startMs > window.startMs) at--
    row.value.splice(at, 0, window)
    row.timestampMs = Math.max(row.timestampMs, window.timestampMs)
    this.#store.changed(row)
  }

  /** Notes that the window was changed in place. */
  changed(key: K, window: SlidingWindow<A>): void {
    const row = this.#store.row(key, this.#bucketOf(window.startMs))
    row.timestampMs = Math.max(row.timestampMs, window.timestampMs)
    this.#store.changed(row)
  }

  #bucketOf(startMs: number): number {
    return startMs - (startMs % this.bucketMs)
  }
}

export function bucketMsOf(timeDifferenceMs: number): number {
  return timeDifferenceMs + 1
}
