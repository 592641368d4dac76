// What the two sides of a foreign-key join write to each other.
//
// subscription, keyed by the foreign key, read where the other table's row of that key lies:
//   0     1: subscribes, 0: ends a subscription; plus 2 where an answer is wanted
//   1..   the primary key as its serde made it
//
// response, keyed by the primary key, read where the own table's row lies:
//   4, n  the foreign key that it answers for (length -1: none)
//   4, n  the row that the other table has for it (length -1: none)

import { internalSerde, type Serde } from '@millrace/record'
import { ByteReader } from '../../bytes/byte-reader.ts'
import { ByteWriter } from '../../bytes/byte-writer.ts'

export interface Subscription {
  readonly primaryKey: Buffer
  readonly isSubscribed: boolean
  readonly wantsAnswer: boolean
}

export interface Response<V> {
  readonly foreignKey: Buffer | null
  readonly row: V | null
}

export const subscriptionSerde: Serde<Subscription> = Object.freeze({
  name: 'foreign-key-subscription',
  serialize({ primaryKey, isSubscribed, wantsAnswer }: Subscription) {
    const flags = (isSubscribed ? 1 : 0) + (wantsAnswer ? 2 : 0)
    return Buffer.concat([Buffer.of(flags), primaryKey])
  },
  deserialize(bytes: Buffer) {
    const flags = new ByteReader(bytes).uint8()
    const [isSubscribed, wantsAnswer] = [(flags & 1) === 1, (flags & 2) === 2]
    // A copy: it is kept.
    return { primaryKey: Buffer.from(bytes.subarray(1)), isSubscribed, wantsAnswer }
  },
})

export function responseSerde<V>(value: Serde<V>): Serde<Response<V>> {
  const serde = internalSerde(value)
  return Object.freeze({
    name: `foreign-key-response(${value.name})`,
    serialize({ foreignKey, row }: Response<V>) {
      const writer = new ByteWriter()
      writer.sizedOrNull(foreignKey)
      writer.sizedOrNull(row === null ? null : serde.serialize(row))
      return writer.bytes()
    },
    deserialize(bytes: Buffer) {
      const reader = new ByteReader(bytes)
      const foreignKey = reader.sizedOrNull()
      const row = reader.sizedOrNull()
      return { foreignKey, row: row && serde.deserialize(row) }
    },
  })
}

/** Writes keys that are bytes already, to where the serde would write them. */
export function serialisedKey<K>(key: Serde<K>): Serde<Buffer> {
  return Object.freeze({
    name: key.name,
    serialize: (bytes: Buffer) => bytes,
    deserialize: (bytes: Buffer) => bytes,
    ...(key.partitionBytes && {
      partitionBytes: (bytes: Buffer) => key.partitionBytes?.(bytes) ?? bytes,
    }),
  })
}
