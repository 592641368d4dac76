// Primary keys that subscribe to one foreign key:
//   0     how many bits of the hash of a primary key choose its page; 0 behind the first page
//   1..4  how many subscribers all pages hold; 0 behind the first page
//   5..   the keys of this page, each with its length

import type { Serde } from '@millrace/record'
import { ByteReader } from '../../bytes/byte-reader.ts'
import { ByteWriter } from '../../bytes/byte-writer.ts'

export interface SubscriberPage {
  /** Of all pages; kept in the first. */
  bits: number
  count: number
  keys: Buffer[]
}

export const subscriberPageSerde: Serde<SubscriberPage> = Object.freeze({
  name: 'foreign-key-subscribers',
  serialize({ bits, count, keys }: SubscriberPage) {
    const writer = new ByteWriter()
    writer.uint8(bits)
    writer.uint32(count)
    for (const key of keys) writer.sized(key)
    return writer.bytes()
  },
  deserialize(bytes: Buffer) {
    const reader = new ByteReader(bytes)
    const [bits, count] = [reader.uint8(), reader.uint32()]
    const keys: Buffer[] = []
    while (!reader.isAtEnd) keys.push(Buffer.from(reader.sized()))
    return { bits, count, keys }
  },
})
