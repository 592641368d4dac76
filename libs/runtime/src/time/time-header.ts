import type { Headers } from '@millrace/record'
import type { TaskId } from '@millrace/topology'

/**
 * The last header of each record of a repartition topic that several tasks write: which task wrote
 * it and how far that task's stream time was. Invisible to operators.
 */
export const timeHeaderName = 'millrace.time'

/** What the header says. */
export interface UpstreamNews extends TaskId {
  readonly streamTimeMs: number
  /** The task has read its sources to their ends and they are silent: do not wait for it. */
  readonly isIdle: boolean
  /** The record carries time and nothing else. */
  readonly isMarker: boolean
}

const version = 1
const sizeBytes = 16
const idleFlag = 1
const markerFlag = 2

/** Layout: version u8, flags u8, sub-topology u16, partition u32, stream time f64; big-endian. */
export function encodeTimeHeader(
  news: UpstreamNews,
  into: Buffer = Buffer.alloc(sizeBytes),
): Buffer {
  into.writeUInt8(version, 0)
  into.writeUInt8((news.isIdle ? idleFlag : 0) | (news.isMarker ? markerFlag : 0), 1)
  into.writeUInt16BE(news.subTopology, 2)
  into.writeUInt32BE(news.partition, 4)
  into.writeDoubleBE(news.streamTimeMs, 8)
  return into
}

/** Where the header has its stream time, for writers that reuse one buffer. */
export function setStreamTime(header: Buffer, streamTimeMs: number): void {
  header.writeDoubleBE(streamTimeMs, 8)
}

/**
 * Reads the header into `news`, which the caller keeps: it stands on the way of a record. False
 * where the record carries no time (written by something else than a Millrace task).
 */
export function readTimeHeader(
  headers: Headers,
  news: { -readonly [Field in keyof UpstreamNews]: UpstreamNews[Field] },
): boolean {
  const last = headers[headers.length - 1]
  if (last === undefined || last[0] !== timeHeaderName) return false
  const bytes = last[1]
  if (bytes === null || bytes.length !== sizeBytes || bytes[0] !== version) return false
  const flags = bytes[1] as number
  news.subTopology = bytes.readUInt16BE(2)
  news.partition = bytes.readUInt32BE(4)
  news.streamTimeMs = bytes.readDoubleBE(8)
  news.isIdle = (flags & idleFlag) !== 0
  news.isMarker = (flags & markerFlag) !== 0
  return true
}
