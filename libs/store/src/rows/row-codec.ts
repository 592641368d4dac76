// The bytes of one stored value, the same in the backend and in the changelog.
//
//   0      format version, 1
//   1..4   FNV-1a checksum of the changelog key and of all bytes after this field
//   5..12  event timestamp, ms; -1 where there is none
//   13..16 revision: how many commits have changed the row
//   17..   the value as its serde made it

import { MillraceError } from '@millrace/errors'
import { checksum } from '../bytes/checksum.ts'
import { readInt64, writeInt64 } from '../bytes/int64.ts'

const version = 1
const checksumAt = 1
const timestampAt = 5
const revisionAt = 13
const valueAt = 17

/** Encodes a value that is kept under `key` (the key in the changelog: without the store's id). */
export function encodeRow(
  key: Buffer,
  timestampMs: number,
  revision: number,
  value: Buffer,
): Buffer {
  const row = Buffer.allocUnsafe(valueAt + value.length)
  row[0] = version
  writeInt64(row, timestampMs, timestampAt)
  row.writeUInt32BE(revision, revisionAt)
  value.copy(row, valueAt)
  row.writeInt32BE(rowChecksum(key, row), checksumAt)
  return row
}

/**
 * Checks the bytes read back for `key`. Throws `MILLRACE_STORE_CORRUPT` naming `location` where
 * they are not what was written; after it, `rowTimestampMs` and its siblings are safe to call.
 */
export function checkRow(key: Buffer, row: Buffer, location: string): void {
  const isWhole = row.length >= valueAt && row.readInt32BE(checksumAt) === rowChecksum(key, row)
  if (!isWhole) {
    throw new MillraceError('MILLRACE_STORE_CORRUPT', {
      message: `the value at key ${key.toString('hex')} in ${location} does not match its checksum`,
    })
  }
  if (row[0] !== version) {
    throw new MillraceError('MILLRACE_STORE_VERSION', {
      message: `a row in ${location} has format ${row[0]}, this version reads ${version}`,
    })
  }
}

export function rowTimestampMs(row: Buffer): number {
  return readInt64(row, timestampAt)
}

export function rowRevision(row: Buffer): number {
  return row.readUInt32BE(revisionAt)
}

/** A view, not a copy. */
export function rowValue(row: Buffer): Buffer {
  return row.subarray(valueAt)
}

function rowChecksum(key: Buffer, row: Buffer): number {
  return checksum(row, timestampAt, row.length, checksum(key, 0, key.length))
}
