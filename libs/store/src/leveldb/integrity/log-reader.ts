import { isChecksumOf } from './crc32c.ts'

const blockBytes = 32_768
const headerBytes = 7
const kind = { full: 1, first: 2, middle: 3, last: 4 } as const

export interface LogContent {
  readonly records: readonly Buffer[]
  /** Where the first damage lies; `undefined` where there is none. */
  readonly damagedAt: number | undefined
  /**
   * The damage is in the last block, so that LevelDB drops nothing but the end: an older state,
   * and a consistent one. A write that a power cut tore looks like this.
   */
  readonly isTornEnd: boolean
}

/**
 * Reads a LevelDB log file (`doc/log_format.md`): the write-ahead log, or a MANIFEST. LevelDB
 * itself goes on after a damaged block and loses what was in it without a word.
 */
export function readLog(bytes: Buffer): LogContent {
  const records: Buffer[] = []
  let parts: Buffer[] = []
  let at = 0
  while (at + headerBytes <= bytes.length) {
    const room = blockBytes - (at % blockBytes)
    if (room < headerBytes) {
      at += room
      continue
    }
    const end = at + headerBytes + bytes.readUInt16LE(at + 4)
    const type = bytes[at + 6] as number
    const fits = end <= at + room && end <= bytes.length
    if (!fits || !isChecksumOf(bytes.readUInt32LE(at), bytes, at + 6, end)) {
      const lastBlockAt = bytes.length - 1 - ((bytes.length - 1) % blockBytes)
      return { records, damagedAt: at, isTornEnd: at >= lastBlockAt }
    }
    if (type === kind.full || type === kind.first) parts = []
    parts.push(bytes.subarray(at + headerBytes, end))
    if (type === kind.full || type === kind.last) records.push(Buffer.concat(parts))
    at = end
  }
  return { records, damagedAt: undefined, isTornEnd: false }
}
