import { BatchCursor, decompressBatch, type RecordBatch } from '@millrace/kafka'
import type { PartitionLog } from './partition-log.ts'
import { type RecordSpan, recordSpans, rewriteBatch } from './rewrite-batch.ts'

export interface CompactOptions {
  /**
   * Batches that end at or after this offset are left alone, like those of the active segment.
   * Default, and the most that is possible: the last stable offset.
   */
  readonly untilOffset?: number
  /** Take tombstones and markers away too, as if `delete.retention.ms` were over. Default false. */
  readonly dropTombstones?: boolean
}

/**
 * Cleans one log as Kafka's `LogCleaner` does: per key the last record stays, at its offset, and
 * what was aborted goes. Batches shrink in place, with gaps. An empty one is kept where it holds a
 * producer's last sequence, or is the last of the cleaned part.
 */
export function compact(log: PartitionLog, options: CompactOptions = {}): void {
  const untilOffset = Math.min(options.untilOffset ?? log.lastStableOffset, log.lastStableOffset)
  const dirty = log.batches.slice(0, log.indexOf(untilOffset))
  const lastOffsets = lastOffsetByKey(log, dirty)
  const isKept = (cursor: BatchCursor): boolean => {
    if (options.dropTombstones && cursor.valueStart === -1) return false
    return lastOffsets.get(cursor.key()?.toString('latin1') ?? '') === cursor.offset
  }
  const sequenceHolders = log.producers.lastBatchOffsets()
  const lastOffset = dirty.at(-1)?.lastOffset
  const cleaned: RecordBatch[] = []
  const droppedMarkers = new Set<number>()
  /** Producers whose transaction still has records among the cleaned. */
  const present = new Set<number>()
  for (const batch of dirty) {
    const isLast = batch.lastOffset === lastOffset
    if (batch.isControl) {
      const isNeeded = present.delete(batch.producerId)
      if (isNeeded || isLast || !options.dropTombstones) cleaned.push(batch)
      else droppedMarkers.add(batch.baseOffset)
      continue
    }
    const spans = log.isAborted(batch) ? [] : keptSpans(batch, isKept)
    if (spans.length > 0 && batch.isTransactional) present.add(batch.producerId)
    if (spans.length === 0 && !isLast && !sequenceHolders.has(batch.baseOffset)) continue
    cleaned.push(spans.length === batch.recordCount ? batch : rewriteBatch(batch, spans))
  }
  // An entry without its marker would make readers drop what the producer committed later.
  const aborted = log.aborted.filter((entry) => !droppedMarkers.has(entry.lastOffset))
  log.replaceBelow(untilOffset, cleaned, aborted)
}

function lastOffsetByKey(log: PartitionLog, batches: readonly RecordBatch[]): Map<string, number> {
  const offsets = new Map<string, number>()
  const cursor = new BatchCursor()
  for (const batch of batches) {
    if (batch.isControl || log.isAborted(batch)) continue
    cursor.load(decompressBatch(batch))
    while (cursor.next()) {
      const key = cursor.key()
      if (key !== null) offsets.set(key.toString('latin1'), cursor.offset)
    }
  }
  return offsets
}

function keptSpans(batch: RecordBatch, isKept: (cursor: BatchCursor) => boolean): RecordSpan[] {
  const cursor = new BatchCursor()
  cursor.load(decompressBatch(batch))
  return recordSpans(batch).filter(() => cursor.next() && isKept(cursor))
}
