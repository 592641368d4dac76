import { BatchCursor, decompressBatch, type Isolation } from '@millrace/kafka'
import type { Headers } from '@millrace/record'
import type { PartitionLog } from './partition-log.ts'

/** A record as it lies in a partition, its parts copied out. */
export interface StoredRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

/** All records of one partition, in order; what was aborted or is undecided only when read-uncommitted. */
export function readRecords(
  log: PartitionLog,
  topic: string,
  partition: number,
  isolation: Isolation,
  fromOffset = 0,
): StoredRecord[] {
  const isCommittedOnly = isolation === 'read_committed'
  const endOffset = isCommittedOnly ? log.lastStableOffset : log.endOffset
  const records: StoredRecord[] = []
  const cursor = new BatchCursor()
  for (const batch of log.batches) {
    if (batch.baseOffset >= endOffset) break
    if (batch.lastOffset < fromOffset) continue
    if (batch.isControl || (isCommittedOnly && log.isAborted(batch))) continue
    cursor.load(decompressBatch(batch))
    while (cursor.next()) {
      if (cursor.offset < Math.max(log.startOffset, fromOffset)) continue
      records.push({
        topic,
        partition,
        offset: cursor.offset,
        timestampMs: cursor.timestampMs,
        key: copied(cursor.key()),
        value: copied(cursor.value()),
        headers: cursor.headers().map(([name, value]) => [name, copied(value)] as const),
      })
    }
  }
  return records
}

function copied(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
