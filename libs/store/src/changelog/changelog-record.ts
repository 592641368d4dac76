// A record of a store's changelog topic.
//
//   key      namespace byte (0 meta, 1 row), then the key in the store (see layout.ts)
//   value    row bytes (see row-codec.ts), or null: a tombstone
//   headers  one, `s`, the stamp:
//
//   0        format version, 1
//   1        kind: 0 put, 1 tombstone of an expired window, 2 tombstone of a deleted row, 3 meta
//   2..9     event timestamp, ms; -1 where there is none
//   10..11   index of the source (in the task's order) whose record made the change
//   12..19   that record's offset; -1 where no record was read yet
//   20..23   revision of the row

import type { Headers } from '@millrace/record'
import { readInt64, writeInt64 } from '../bytes/int64.ts'

/** Why a record stands in the changelog. */
export type ChangeKind = 'put' | 'tombstone-expired' | 'tombstone-deleted' | 'meta'

/** What is known of a change beside its bytes. Kafka Streams has no equivalent. */
export interface ChangeStamp {
  readonly kind: ChangeKind
  /** Event time of the row; -1 in tombstones of expired windows and in metas. */
  readonly timestampMs: number
  /** Which of the task's sources, in its order, held the record that made the change. */
  readonly sourceIndex: number
  /** Offset of that record; -1 before the first. */
  readonly sourceOffset: number
  readonly revision: number
}

/** One record for the changelog topic, as the producer takes it. */
export interface ChangelogRecord {
  readonly key: Buffer
  /** `null` is a tombstone. */
  readonly value: Buffer | null
  /** Event time (the topic itself keeps the time of the write); 0 where there is none. */
  readonly timestampMs: number
  readonly headers: Headers
}

export const stampHeader = 's'

const version = 1
const sizeBytes = 24
const kinds: readonly ChangeKind[] = ['put', 'tombstone-expired', 'tombstone-deleted', 'meta']

export function encodeStamp(stamp: ChangeStamp): Buffer {
  const bytes = Buffer.allocUnsafe(sizeBytes)
  bytes[0] = version
  bytes[1] = kinds.indexOf(stamp.kind)
  writeInt64(bytes, stamp.timestampMs, 2)
  bytes.writeUInt16BE(stamp.sourceIndex, 10)
  writeInt64(bytes, stamp.sourceOffset, 12)
  bytes.writeUInt32BE(stamp.revision, 20)
  return bytes
}

/** `undefined` where the bytes are no stamp of a version that this reads. */
export function decodeStamp(bytes: Buffer): ChangeStamp | undefined {
  if (bytes.length !== sizeBytes || bytes[0] !== version) return undefined
  const kind = kinds[bytes[1] as number]
  if (kind === undefined) return undefined
  return {
    kind,
    timestampMs: readInt64(bytes, 2),
    sourceIndex: bytes.readUInt16BE(10),
    sourceOffset: readInt64(bytes, 12),
    revision: bytes.readUInt32BE(20),
  }
}

/** The stamp among a record's headers. */
export function stampOf(headers: Headers): ChangeStamp | undefined {
  for (const [name, value] of headers) {
    if (name === stampHeader && value !== null) return decodeStamp(value)
  }
  return undefined
}

export function changelogRecord(
  key: Buffer,
  value: Buffer | null,
  stamp: ChangeStamp,
): ChangelogRecord {
  return {
    key,
    value,
    timestampMs: Math.max(stamp.timestampMs, 0),
    headers: [[stampHeader, encodeStamp(stamp)]],
  }
}
