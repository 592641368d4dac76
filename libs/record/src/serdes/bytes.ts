import type { Serde } from '../serde.ts'
import { unencodable } from './unencodable.ts'

/** Bytes as they are. What it reads is a copy, so it may be kept. */
export const bytes: Serde<Buffer> = Object.freeze({
  name: 'bytes',
  serialize(value: Buffer) {
    if (!(value instanceof Uint8Array)) throw unencodable('bytes', value)
    return Buffer.isBuffer(value) ? value : Buffer.from(value)
  },
  deserialize: (view: Buffer) => Buffer.from(view),
  identity: (value: Buffer) => value.toString('latin1'),
})
