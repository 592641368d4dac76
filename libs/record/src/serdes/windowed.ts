import { assert, MillraceError } from '@millrace/errors'
import { identityOf, internalSerde, type Serde, type SerdeUse } from '../serde.ts'

/** The key of a windowed result; the same shape as `Windowed` of `@millrace/time`. */
export interface WindowedKey<K> {
  readonly key: K
  readonly window: { readonly startMs: number; readonly endMs: number }
}

const startBytes = 8
const twoTo32 = 2 ** 32

/**
 * A windowed key as Kafka Streams writes it (`TimeWindowedSerializer`): the bare key's bytes, then
 * the window's start as 8 bytes, big-endian. No end and no size: the reader has to know the size (of
 * sliding windows the time difference, which may be 0).
 * Its partition is that of the bare key.
 */
export function windowed<K>(key: Serde<K>, sizeMs: number): Serde<WindowedKey<K>> {
  assert(Number.isSafeInteger(sizeMs) && sizeMs >= 0, `window size ${sizeMs}`)
  const inner = internalSerde(key)
  const reading = inner === key ? {} : { internal: windowed(inner, sizeMs) }
  return Object.freeze({
    name: `windowed(${key.name}, ${sizeMs}ms)`,
    serialize(value: WindowedKey<K>) {
      const bare = key.serialize(value.key)
      const bytes = Buffer.allocUnsafe(bare.length + startBytes)
      bytes.set(bare)
      bytes.writeUInt32BE(Math.floor(value.window.startMs / twoTo32), bare.length)
      bytes.writeUInt32BE(value.window.startMs % twoTo32, bare.length + 4)
      return bytes
    },
    deserialize(bytes: Buffer) {
      const end = bytes.length - startBytes
      if (end < 0) throw undecodable(`${bytes.length} bytes are too short for a windowed key`)
      const startMs = bytes.readUInt32BE(end) * twoTo32 + bytes.readUInt32BE(end + 4)
      if (!Number.isSafeInteger(startMs)) throw undecodable('a window start beyond 2^53')
      const window = { startMs, endMs: startMs + sizeMs }
      return { key: key.deserialize(bytes.subarray(0, end)), window }
    },
    identity: (value: WindowedKey<K>) => `${value.window.startMs}/${identityOf(key, value.key)}`,
    partitionBytes: (bytes: Buffer) => bytes.subarray(0, bytes.length - startBytes),
    ...(key.prepare && { prepare: (use: SerdeUse) => key.prepare?.(use) ?? Promise.resolve() }),
    ...reading,
  })
}

function undecodable(message: string): MillraceError {
  return new MillraceError('MILLRACE_RECORD_UNDECODABLE', { message })
}
