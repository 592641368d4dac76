// What lies where in the backend of a task. All keys sort as unsigned bytes.
//
//   00 'identity'              whose state this is, and the id of each store
//   00 'positions'             input and changelog offsets of the last commit
//   id 00 name                 a meta value of the store with this id (1..254)
//   id 01 key                  a row of a key-value store
//   id 01 start(8) key         a row of a window store; big-endian, so that the rows of one window,
//                              and all windows before a given one, are a range
//
// What follows the id is the key in the store's changelog topic.

import { assert } from '@millrace/errors'
import type { KeyRange } from './backend.ts'
import { readInt64, writeInt64 } from './bytes/int64.ts'
import { noWindow } from './store.ts'

export const identityKey = Buffer.from('\0identity')
export const positionsKey = Buffer.from('\0positions')

export const storeIdMax = 254

/** Second byte of a backend key, first byte of a changelog key. */
export const namespace = { meta: 0, row: 1 } as const

const rowKeyAt = 2
const windowKeyAt = 10

export function metaKey(storeId: number, name: string): Buffer {
  return Buffer.concat([Buffer.of(storeId, namespace.meta), Buffer.from(name)])
}

/** `windowStartMs` is `noWindow` in a key-value store. */
export function rowKey(storeId: number, windowStartMs: number, key: Buffer): Buffer {
  const keyAt = windowStartMs === noWindow ? rowKeyAt : windowKeyAt
  const bytes = Buffer.allocUnsafe(keyAt + key.length)
  bytes[0] = storeId
  bytes[1] = namespace.row
  if (keyAt === windowKeyAt) writeInt64(bytes, windowStartMs, rowKeyAt)
  key.copy(bytes, keyAt)
  return bytes
}

/** The key as it stands in the changelog: a view without the store's id. */
export function changelogKey(keyInBackend: Buffer): Buffer {
  return keyInBackend.subarray(1)
}

/** The other way, for a restore: a copy. */
export function backendKey(storeId: number, keyInChangelog: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(1 + keyInChangelog.length)
  bytes[0] = storeId
  keyInChangelog.copy(bytes, 1)
  return bytes
}

/** The parts of a row's backend key; `key` is a view. */
export function parseRowKey(
  keyInBackend: Buffer,
  isWindowed: boolean,
): { readonly windowStartMs: number; readonly key: Buffer } {
  if (!isWindowed) return { windowStartMs: noWindow, key: keyInBackend.subarray(rowKeyAt) }
  assert(keyInBackend.length >= windowKeyAt, 'a window store key holds a window start')
  return {
    windowStartMs: readInt64(keyInBackend, rowKeyAt),
    key: keyInBackend.subarray(windowKeyAt),
  }
}

export function metaRange(storeId: number): KeyRange {
  return { gte: Buffer.of(storeId, namespace.meta), lt: Buffer.of(storeId, namespace.row) }
}

export function rowRange(storeId: number): { readonly gte: Buffer; readonly lt: Buffer } {
  return { gte: Buffer.of(storeId, namespace.row), lt: Buffer.of(storeId, namespace.row + 1) }
}

/** Rows of the windows that start in `[fromMs, toMs)`. */
export function windowRange(storeId: number, fromMs: number, toMs: number): KeyRange {
  const none = Buffer.alloc(0)
  return { gte: rowKey(storeId, fromMs, none), lt: rowKey(storeId, toMs, none) }
}
