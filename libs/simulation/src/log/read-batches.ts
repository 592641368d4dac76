import type { AbortedTransaction, PartitionLog } from './partition-log.ts'

export interface ReadRange {
  readonly fromOffset: number
  /** The high watermark or the last stable offset. */
  readonly untilOffset: number
  readonly maxBytes: number
  /** Return the first batch whole although it is larger than `maxBytes`, so that a reader gets on. */
  readonly isFirstWhole: boolean
}

export interface ReadResult {
  readonly records: Buffer
  /** Past the last batch that was touched. */
  readonly endOffset: number
}

/**
 * Bytes of the log as a broker sends them: from the batch that holds the offset on, and cut off at
 * the byte limit wherever that falls, so that the last batch may be incomplete.
 */
export function readBatches(log: PartitionLog, range: ReadRange): ReadResult {
  const parts: Buffer[] = []
  let sizeBytes = 0
  let endOffset = range.fromOffset
  for (let i = log.indexOf(range.fromOffset); i < log.batches.length; i++) {
    const batch = log.batches[i]!
    if (batch.baseOffset >= range.untilOffset) break
    const room = range.maxBytes - sizeBytes
    const bytes = batch.buffer
    endOffset = batch.lastOffset + 1
    if (bytes.length > room) {
      if (parts.length > 0) parts.push(bytes.subarray(0, room))
      else if (range.isFirstWhole) parts.push(bytes)
      break
    }
    parts.push(bytes)
    sizeBytes += bytes.length
  }
  return { records: Buffer.concat(parts), endOffset }
}

/**
 * Aborted transactions that touch a range, in the order of their markers, as a broker's index has
 * them: putting them in order of their first offset is the reader's affair.
 */
export function abortedIn(
  log: PartitionLog,
  fromOffset: number,
  endOffset: number,
): AbortedTransaction[] {
  return log.aborted.filter(
    (entry) => entry.lastOffset >= fromOffset && entry.firstOffset < endOffset,
  )
}
