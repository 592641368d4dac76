import { identityOf } from '@millrace/record'
import type { StreamTask } from '@millrace/runtime'
import { noWindow, type StoreSpec } from '@millrace/store'
import type { Window } from '@millrace/time'

/** A row of a store. */
export interface StoreEntry<K, V> {
  readonly key: K
  /** In a store of windows. */
  readonly window?: Window
  /** What the store keeps: of an `aggregate` with a `result`, the aggregate before it. */
  readonly value: V
  /** Largest event time in the value. */
  readonly timestampMs: number
}

/** A store of all tasks together, as of the last commit. */
export class StoreView<K, V> {
  readonly #spec: StoreSpec
  readonly #tasks: () => readonly StreamTask[]

  constructor(spec: StoreSpec, tasks: () => readonly StreamTask[]) {
    this.#spec = spec
    this.#tasks = tasks
  }

  /** The value of a key (and window); null where there is none, or its window has closed. */
  async get(key: K, windowStartMs: number = noWindow): Promise<V | null> {
    const identity = this.#identity(key)
    for await (const entry of this.#walk()) {
      const startMs = entry.window?.startMs ?? noWindow
      if (startMs === windowStartMs && this.#identity(entry.key) === identity) return entry.value
    }
    return null
  }

  /** Every row: by task, then window, then key. */
  async entries(): Promise<StoreEntry<K, V>[]> {
    const entries: StoreEntry<K, V>[] = []
    for await (const entry of this.#walk()) entries.push(entry)
    return entries
  }

  async *#walk(): AsyncGenerator<StoreEntry<K, V>> {
    const { name, window } = this.#spec
    for (const { state, definition } of this.#tasks()) {
      if (state === null || !definition.subTopology.stores.includes(name)) continue
      for await (const row of state.entries<K, V>(name)) {
        const { key, windowStartMs: startMs, value, timestampMs } = row
        if (window === undefined) yield { key, value, timestampMs }
        else yield { key, window: { startMs, endMs: startMs + window.sizeMs }, value, timestampMs }
      }
    }
  }

  #identity(key: K): string | number {
    return identityOf<unknown>(this.#spec.keySerde, key)
  }
}
