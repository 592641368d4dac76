import { assert } from '@millrace/errors'
import type { KeyRange, StateBackend, WriteOperation } from '../backend.ts'

type Entry = readonly [key: Buffer, value: Buffer]

/**
 * A backend that forgets: for tests and for the test driver. Keys are kept as latin1 strings,
 * whose order is the order of the bytes, and sorted when a range is first read after new keys.
 */
export class MemoryBackend implements StateBackend {
  readonly location = 'memory'
  #values = new Map<string, Buffer>()
  #sortedKeys: string[] | undefined = []
  #isOpen = true

  getSync(key: Buffer): Buffer | undefined {
    this.#assertOpen()
    const value = this.#values.get(key.toString('latin1'))
    return value === undefined ? undefined : Buffer.from(value)
  }

  async write(operations: readonly WriteOperation[]): Promise<void> {
    this.#assertOpen()
    for (const { key, value } of operations) {
      const name = key.toString('latin1')
      const isKnown = this.#values.has(name)
      if (isKnown !== (value !== null)) this.#sortedKeys = undefined
      if (value === null) this.#values.delete(name)
      else this.#values.set(name, Buffer.from(value))
    }
  }

  entries(range: KeyRange): AsyncIterable<Entry> {
    const entries = this.#keysIn(range).map(
      (name): Entry => [Buffer.from(name, 'latin1'), Buffer.from(this.#values.get(name) as Buffer)],
    )
    return inTurn(entries)
  }

  keys(range: KeyRange): AsyncIterable<Buffer> {
    return inTurn(this.#keysIn(range).map((name) => Buffer.from(name, 'latin1')))
  }

  async close(): Promise<void> {
    this.#isOpen = false
  }

  async destroy(): Promise<void> {
    this.#isOpen = false
    this.#values.clear()
    this.#sortedKeys = []
  }

  /** A backend of its own with the same content: what a copy of the disk would hold. */
  copy(): MemoryBackend {
    const copy = new MemoryBackend()
    copy.#values = new Map(this.#values)
    copy.#sortedKeys = undefined
    return copy
  }

  #keysIn({ gte, lt, limit, reverse = false }: KeyRange): readonly string[] {
    this.#assertOpen()
    this.#sortedKeys ??= [...this.#values.keys()].sort()
    const sorted = this.#sortedKeys
    const from = gte === undefined ? 0 : firstAtOrAfter(sorted, gte.toString('latin1'))
    const to = lt === undefined ? sorted.length : firstAtOrAfter(sorted, lt.toString('latin1'))
    if (reverse) {
      const start = limit === undefined ? from : Math.max(from, to - limit)
      return sorted.slice(start, Math.max(start, to)).reverse()
    }
    return sorted.slice(from, limit === undefined ? to : Math.min(to, from + limit))
  }

  #assertOpen(): void {
    assert(this.#isOpen, 'a backend is not used after it was closed')
  }
}

function firstAtOrAfter(sorted: readonly string[], key: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

async function* inTurn<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
