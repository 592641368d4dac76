import { murmur2 } from '@millrace/record'
import type { Row, Store } from '@millrace/store'
import type { SubscriberPage } from './subscriber-page.ts'

const keysPerPage = 128
const bitsMax = 24

/**
 * Who subscribes to which foreign key, in pages of some hundred keys, so that one more subscriber
 * writes one page and not all of them. The pages of a foreign key double when they are full, as in
 * a hash table; its key in the store is the foreign key's bytes and the page's number (4 bytes).
 */
export class Subscribers {
  readonly #store: Store<Buffer, SubscriberPage>

  constructor(store: Store<Buffer, SubscriberPage>) {
    this.#store = store
  }

  add(foreignKey: Buffer, primaryKey: Buffer): void {
    const first = this.#page(foreignKey, 0)
    const head = (first.value ??= { bits: 0, count: 0, keys: [] })
    const row = this.#page(foreignKey, pageOf(primaryKey, head.bits))
    const page = (row.value ??= { bits: 0, count: 0, keys: [] })
    if (page.keys.some((key) => key.equals(primaryKey))) return
    page.keys.push(primaryKey)
    head.count++
    this.#store.changed(row)
    this.#store.changed(first)
    if (head.count > keysPerPage << head.bits && head.bits < bitsMax) this.#double(foreignKey, head)
  }

  remove(foreignKey: Buffer, primaryKey: Buffer): void {
    const first = this.#page(foreignKey, 0)
    const head = first.value
    if (head === null) return
    const row = this.#page(foreignKey, pageOf(primaryKey, head.bits))
    const at = row.value?.keys.findIndex((key) => key.equals(primaryKey)) ?? -1
    if (row.value === null || at < 0) return
    row.value.keys.splice(at, 1)
    head.count--
    if (row !== first && row.value.keys.length === 0) row.value = null
    if (head.count === 0) first.value = null
    this.#store.changed(row)
    this.#store.changed(first)
  }

  /** In the order of the primary keys' bytes. */
  of(foreignKey: Buffer): readonly Buffer[] {
    const head = this.#store.read(foreignKeyPage(foreignKey, 0))?.value
    if (head === undefined) return []
    const keys = [...head.keys]
    for (let page = 1; page < 1 << head.bits; page++) {
      keys.push(...(this.#store.read(foreignKeyPage(foreignKey, page))?.value.keys ?? []))
    }
    return keys.sort((left, right) => left.compare(right))
  }

  #double(foreignKey: Buffer, head: SubscriberPage): void {
    const before = 1 << head.bits
    head.bits++
    for (let page = 0; page < before; page++) {
      const row = this.#page(foreignKey, page)
      if (row.value === null) continue
      const [staying, moving] = parted(row.value.keys, (key) => pageOf(key, head.bits) === page)
      if (moving.length === 0) continue
      row.value.keys = staying
      const other = this.#page(foreignKey, page + before)
      other.value = { bits: 0, count: 0, keys: moving }
      this.#store.changed(other)
      if (page > 0 && staying.length === 0) row.value = null
      this.#store.changed(row)
    }
  }

  #page(foreignKey: Buffer, page: number): Row<Buffer, SubscriberPage> {
    return this.#store.row(foreignKeyPage(foreignKey, page))
  }
}

function pageOf(primaryKey: Buffer, bits: number): number {
  return bits === 0 ? 0 : murmur2(primaryKey) & ((1 << bits) - 1)
}

function foreignKeyPage(foreignKey: Buffer, page: number): Buffer {
  const key = Buffer.allocUnsafe(foreignKey.length + 4)
  foreignKey.copy(key)
  key.writeUInt32BE(page, foreignKey.length)
  return key
}

function parted(keys: readonly Buffer[], isFirst: (key: Buffer) => boolean): [Buffer[], Buffer[]] {
  const [first, second]: [Buffer[], Buffer[]] = [[], []]
  for (const key of keys) (isFirst(key) ? first : second).push(key)
  return [first, second]
}
