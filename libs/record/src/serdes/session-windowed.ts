import { MillraceError } from '@millrace/errors'
import { identityOf, internalSerde, type Serde, type SerdeUse } from '../serde.ts'
import type { WindowedKey } from './windowed.ts'

const endBytes = 8
const boundsBytes = 16
const twoTo32 = 2 ** 32

/**
 * The key of a session's result as Kafka Streams writes it (`SessionWindowedSerializer`): the bare
 * key's bytes, then the session's end and start as 8 bytes each, big-endian. Its partition is that
 * of the bare key.
 */
export function sessionWindowed<K>(key: Serde<K>): Serde<WindowedKey<K>> {
  const inner = internalSerde(key)
  const reading = inner === key ? {} : { internal: sessionWindowed(inner) }
  return Object.freeze({
    name: `session(${key.name})`,
    serialize({ key: bareKey, window }: WindowedKey<K>) {
      const bare = key.serialize(bareKey)
      const bytes = Buffer.allocUnsafe(bare.length + boundsBytes)
      bytes.set(bare)
      writeTime(bytes, window.endMs, bare.length)
      writeTime(bytes, window.startMs, bare.length + endBytes)
      return bytes
    },
    deserialize(bytes: Buffer) {
      const end = bytes.length - boundsBytes
      if (end < 0) throw undecodable(`${bytes.length} bytes are too short for a session's key`)
      const window = { startMs: readTime(bytes, end + endBytes), endMs: readTime(bytes, end) }
      return { key: key.deserialize(bytes.subarray(0, end)), window }
    },
    identity: ({ key: bareKey, window }: WindowedKey<K>) =>
      `${window.startMs}/${window.endMs}/${identityOf(key, bareKey)}`,
    partitionBytes: (bytes: Buffer) => bytes.subarray(0, bytes.length - boundsBytes),
    ...(key.prepare && { prepare: (use: SerdeUse) => key.prepare?.(use) ?? Promise.resolve() }),
    ...reading,
  })
}

function writeTime(bytes: Buffer, timeMs: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(timeMs / twoTo32), at)
  bytes.writeUInt32BE(timeMs % twoTo32, at + 4)
}

function readTime(bytes: Buffer, at: number): number {
  const timeMs = bytes.readUInt32BE(at) * twoTo32 + bytes.readUInt32BE(at + 4)
  if (!Number.isSafeInteger(timeMs)) throw undecodable("a session's bound beyond 2^53")
  return timeMs
}

function undecodable(message: string): MillraceError {
  return new MillraceError('MILLRACE_RECORD_UNDECODABLE', { message })
}
