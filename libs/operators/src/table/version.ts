// The past versions of one key in one segment of time, each:
//
//   8     valid from, ms
//   8     valid until, ms, not included; 2^53 - 1 for a deletion that is the latest version
//   4, n  value: length (-1: a deletion), bytes as its serde made them

import { internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'

/** A value of a key and the time in which it was valid, `[fromMs, toMs)`; null: there was none. */
export interface Version<V> {
  readonly fromMs: number
  readonly toMs: number
  readonly value: V | null
}

/** End of a version that no other has followed yet. */
export const openEndMs = Number.MAX_SAFE_INTEGER

/** Where `version` belongs among versions sorted by their end. */
export function insertVersion<V>(versions: Version<V>[], version: Version<V>): void {
  let at = versions.length
  while (at > 0 && (versions[at - 1] as Version<V>).toMs > version.toMs) at--
  versions.splice(at, 0, version)
}

export function versionsSerde<V>(value: Serde<V>): Serde<Version<V>[]> {
  const serde = internalSerde(value)
  return Object.freeze({
    name: `versions(${value.name})`,
    serialize(versions: Version<V>[]) {
      const writer = new ByteWriter()
      for (const version of versions) {
        writer.int64(version.fromMs)
        writer.int64(version.toMs)
        writer.sizedOrNull(version.value === null ? null : serde.serialize(version.value))
      }
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const versions: Version<V>[] = []
      while (!reader.isAtEnd) {
        const [fromMs, toMs] = [reader.int64(), reader.int64()]
        const kept = reader.sizedOrNull()
        versions.push({ fromMs, toMs, value: kept && serde.deserialize(kept) })
      }
      return versions
    },
  })
}
