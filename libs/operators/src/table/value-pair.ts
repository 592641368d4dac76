import { MillraceError } from '@millrace/errors'
import { internalSerde, type Serde } from '@millrace/record'

/** A change of a table on its way through a repartition topic: what to add, what to take away. */
export interface ValuePair<V> {
  readonly newValue: V | null
  readonly oldValue: V | null
}

const lengthBytes = 4

/**
 * Both values in one record, so that a change within a group is one update of it (KIP-904): for
 * the new one and then the old one, length (4 bytes; -1: null) and bytes.
 */
export function valuePair<V>(value: Serde<V>): Serde<ValuePair<V>> {
  const serde = internalSerde(value)
  return Object.freeze({
    name: `pair(${value.name})`,
    serialize({ newValue, oldValue }: ValuePair<V>) {
      const added = newValue === null ? null : serde.serialize(newValue)
      const taken = oldValue === null ? null : serde.serialize(oldValue)
      return Buffer.concat([sized(added), sized(taken)])
    },
    deserialize(bytes: Buffer) {
      const added = readSized(bytes, 0)
      const taken = readSized(bytes, lengthBytes + (added?.length ?? 0))
      return {
        newValue: added && serde.deserialize(added),
        oldValue: taken && serde.deserialize(taken),
      }
    },
  })
}

function sized(bytes: Buffer | null): Buffer {
  const length = Buffer.allocUnsafe(lengthBytes)
  length.writeInt32BE(bytes?.length ?? -1, 0)
  return bytes === null ? length : Buffer.concat([length, bytes])
}

function readSized(bytes: Buffer, at: number): Buffer | null {
  const start = at + lengthBytes
  const length = start <= bytes.length ? bytes.readInt32BE(at) : Number.NaN
  if (length === -1) return null
  if (length >= 0 && start + length <= bytes.length) return bytes.subarray(start, start + length)
  throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
    message: `${bytes.length} bytes are no pair of values`,
  })
}
