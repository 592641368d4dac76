import { MillraceError } from '@millrace/errors'
import type { Serde } from '../serde.ts'
import { unencodable } from './unencodable.ts'

const sizeBytes = 8

/**
 * A JavaScript number as 8 bytes, big-endian IEEE 754: Kafka's `DoubleSerializer`, so that
 * Java's `Serdes.Double()` reads it and the other way round. `-0` is written as `0`, so that equal
 * numbers are equal keys. For numbers as text use `json()`.
 */
export const number: Serde<number> = Object.freeze({
  name: 'number',
  serialize(value: number) {
    if (typeof value !== 'number') throw unencodable('number', value)
    const bytes = Buffer.allocUnsafe(sizeBytes)
    bytes.writeDoubleBE(value + 0)
    return bytes
  },
  deserialize(bytes: Buffer) {
    if (bytes.length !== sizeBytes) {
      throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
        message: `the number serde reads ${sizeBytes} bytes, not ${bytes.length}`,
      })
    }
    return bytes.readDoubleBE() + 0
  },
  identity: (value: number) => value,
})
