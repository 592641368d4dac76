import { MillraceError } from '@millrace/errors'

// Confluent's wire format: a zero byte, the schema's id as 4 bytes, big-endian, then the payload.

const magic = 0
const headBytes = 5

export function wire(id: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + payload.length)
  bytes[0] = magic
  bytes.writeInt32BE(id, 1)
  bytes.set(payload, headBytes)
  return bytes
}

/** Throws `MILLRACE_RECORD_UNDECODABLE`. */
export function schemaIdOf(bytes: Buffer): number {
  if (bytes.length >= headBytes && bytes[0] === magic) return bytes.readInt32BE(1)
  const found = bytes.length < headBytes ? `${bytes.length} bytes` : `first byte ${bytes[0]}`
  throw new MillraceError('MILLRACE_RECORD_UNDECODABLE', {
    message: `not in the wire format of a schema registry (${found}; a zero byte and a schema id come first)`,
  })
}

export function payloadOf(bytes: Buffer): Buffer {
  return bytes.subarray(headBytes)
}
