import type { Serde } from '../serde.ts'
import { unencodable } from './unencodable.ts'
import { decodeUtf8 } from './utf8.ts'

/**
 * UTF-8 text, as Kafka's `StringSerializer`. Bytes that are not UTF-8 are undecodable (Kafka would
 * replace them, and two different keys could become one). A lone surrogate is written as U+FFFD.
 */
export const string: Serde<string> = Object.freeze({
  name: 'string',
  serialize(value: string) {
    if (typeof value !== 'string') throw unencodable('string', value)
    return Buffer.from(value, 'utf8')
  },
  deserialize: (bytes: Buffer) => decodeUtf8(bytes, 'string'),
  identity: (value: string) => value.toWellFormed(),
})
