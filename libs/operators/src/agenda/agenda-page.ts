// A page of an agenda: entries one after the other.
//
//   0..7   when it is due, ms, a double
//   8..15  window start, a double; -1 where there is none
//   16     tag
//   17..20 length of the key
//   21..   the key as its serde made it

import type { Serde } from '@millrace/record'

/** Something that an operator will do with a row at a time. */
export interface AgendaEntry {
  readonly timeMs: number
  /** `noWindow` where the row has none. */
  readonly windowStartMs: number
  /** What is to be done; the operator's own, 0 to 255. */
  readonly tag: number
  /** The row's key as bytes. */
  readonly key: Buffer
}

/** Bytes that entries are appended to, in place. */
export interface AgendaPage {
  bytes: Buffer
  length: number
}

const headBytes = 21
/** Small enough to be written again with each commit, large enough to be few. */
const pageBytesMax = 4_096

export function emptyPage(): AgendaPage {
  return { bytes: Buffer.allocUnsafe(256), length: 0 }
}

/** False where the page is full; an entry larger than a page has one to itself. */
export function appendEntry(page: AgendaPage, entry: AgendaEntry): boolean {
  const end = page.length + headBytes + entry.key.length
  if (end > pageBytesMax && page.length > 0) return false
  if (end > page.bytes.length) {
    const larger = Buffer.allocUnsafe(Math.max(end, page.bytes.length * 2))
    page.bytes.copy(larger, 0, 0, page.length)
    page.bytes = larger
  }
  const { bytes, length: at } = page
  bytes.writeDoubleBE(entry.timeMs, at)
  bytes.writeDoubleBE(entry.windowStartMs, at + 8)
  bytes.writeUInt8(entry.tag, at + 16)
  bytes.writeUInt32BE(entry.key.length, at + 17)
  entry.key.copy(bytes, at + headBytes)
  page.length = end
  return true
}

export function* entriesOf({ bytes, length }: AgendaPage): Generator<AgendaEntry> {
  for (let at = 0; at < length; ) {
    const keyAt = at + headBytes
    const end = keyAt + bytes.readUInt32BE(at + 17)
    yield {
      timeMs: bytes.readDoubleBE(at),
      windowStartMs: bytes.readDoubleBE(at + 8),
      tag: bytes.readUInt8(at + 16),
      // A copy: the page may grow, and its bytes be used again.
      key: Buffer.from(bytes.subarray(keyAt, end)),
    }
    at = end
  }
}

export const agendaPageSerde: Serde<AgendaPage> = Object.freeze({
  name: 'agenda-page',
  serialize: ({ bytes, length }: AgendaPage) => bytes.subarray(0, length),
  deserialize: (bytes: Buffer) => ({ bytes: Buffer.from(bytes), length: bytes.length }),
})
