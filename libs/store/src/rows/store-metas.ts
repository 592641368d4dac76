import { assert } from '@millrace/errors'
import type { StateBackend } from '../backend.ts'
import { changelogKey, metaKey, metaRange } from '../layout.ts'
import { checkRow, rowValue } from './row-codec.ts'

/** Names that start so belong to the store itself. */
export const reservedMetaPrefix = 'millrace.'

/** The small named values of one store: all in memory, changes kept apart until the seal. */
export class StoreMetas {
  readonly #storeId: number
  readonly #values = new Map<string, Buffer>()
  readonly #changed = new Set<string>()

  constructor(storeId: number) {
    this.#storeId = storeId
  }

  async load(backend: StateBackend): Promise<void> {
    this.#values.clear()
    this.#changed.clear()
    for await (const [key, bytes] of backend.entries(metaRange(this.#storeId))) {
      checkRow(changelogKey(key), bytes, backend.location)
      const name = changelogKey(key).subarray(1).toString()
      this.#values.set(name, Buffer.from(rowValue(bytes)))
    }
  }

  get(name: string): Buffer | undefined {
    return this.#values.get(name)
  }

  /** The same value again is no change. */
  set(name: string, value: Buffer): void {
    if (this.#values.get(name)?.equals(value)) return
    assert(name.length > 0 && name.length <= 100, 'a meta name has 1 to 100 characters')
    this.#values.set(name, Buffer.from(value))
    this.#changed.add(name)
  }

  /** Backend key and value of each change since the last call. */
  *takeChanged(): Iterable<readonly [key: Buffer, value: Buffer]> {
    const names = [...this.#changed]
    this.#changed.clear()
    for (const name of names) {
      const value = this.#values.get(name)
      if (value !== undefined) yield [metaKey(this.#storeId, name), value]
    }
  }
}
