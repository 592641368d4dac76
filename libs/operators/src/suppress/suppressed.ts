// The row of a key in the buffer of a suppression:
//
//   0..7   when the key came into the buffer: the time that it is let go by
//   8..15  timestamp of the update that it holds
//   4, n   value: length (-1: null), bytes as its serde made them
//   headers of the update

import { type Headers, internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../bytes/byte-reader.ts'
import { ByteWriter } from '../bytes/byte-writer.ts'
import { readHeaders, writeHeaders } from '../bytes/header-bytes.ts'

/** The latest update of a key that is held back. */
export interface Suppressed<V> {
  /** Of the first update held; later ones do not change it. */
  readonly bufferTimeMs: number
  timestampMs: number
  value: V | null
  headers: Headers
}

export function suppressedSerde<V>(values: Serde<V>): Serde<Suppressed<V>> {
  const serde = internalSerde(values)
  return Object.freeze({
    name: `suppressed(${values.name})`,
    serialize({ bufferTimeMs, timestampMs, value, headers }: Suppressed<V>) {
      const writer = new ByteWriter()
      writer.int64(bufferTimeMs)
      writer.int64(timestampMs)
      writer.sizedOrNull(value === null ? null : serde.serialize(value))
      writeHeaders(writer, headers)
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const [bufferTimeMs, timestampMs] = [reader.int64(), reader.int64()]
      const value = reader.sizedOrNull()
      return {
        bufferTimeMs,
        timestampMs,
        value: value === null ? null : serde.deserialize(value),
        headers: readHeaders(reader),
      }
    },
  })
}
