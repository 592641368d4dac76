import type { Store } from '@millrace/store'

/** When a change was made that says no time of its own. */
export interface CurrentTime {
  timestampMs: number
}

/**
 * A store of the user's own, in `process()`: kept with the task, committed with the results, found
 * again after a crash. Only what a key has can be asked, synchronously; to find keys again, keep
 * them in a row.
 */
export class KeyValueStore<K, V> {
  readonly #store: Store<K, V>
  readonly #now: CurrentTime

  constructor(store: Store<K, V>, now: CurrentTime) {
    this.#store = store
    this.#now = now
  }

  /** Null where there is none. The value may be changed in place; `put` it then. */
  get(key: K): V | null {
    return this.#store.row(key).value
  }

  /** The time that the last `put` gave; -1 where there is no value. */
  timestampMs(key: K): number {
    const row = this.#store.row(key)
    return row.value === null ? -1 : row.timestampMs
  }

  /** `timestampMs` left out: that of the record under way, or of the punctuation. */
  put(key: K, value: V, timestampMs: number = this.#now.timestampMs): void {
    const row = this.#store.row(key)
    row.value = value
    row.timestampMs = timestampMs
    this.#store.changed(row)
  }

  delete(key: K): void {
    const row = this.#store.row(key)
    if (row.value === null) return
    row.value = null
    this.#store.changed(row)
  }
}
