import type { Headers } from '@millrace/record'
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'

/** How many; name and value of each, with their lengths. */
export function writeHeaders(writer: ByteWriter, headers: Headers): void {
  writer.uint32(headers.length)
  for (const [name, value] of headers) {
    writer.sized(Buffer.from(name))
    writer.sizedOrNull(value)
  }
}

export function readHeaders(reader: ByteReader): Headers {
  const headers: [string, Buffer | null][] = []
  for (let left = reader.uint32(); left > 0; left--) {
    const name = reader.sized().toString()
    const value = reader.sizedOrNull()
    headers.push([name, value && Buffer.from(value)])
  }
  return headers
}
