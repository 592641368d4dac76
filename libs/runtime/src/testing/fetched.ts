import {
  type FetchedPartition,
  parseRecordBatches,
  RecordBatchWriter,
  unstamped,
} from '@millrace/kafka'
import type { Headers, TopicPartition } from '@millrace/record'

export interface TestRecord {
  readonly key?: string | null
  readonly value?: string | null
  readonly timestampMs: number
  readonly headers?: Headers
}

/** A fetch answer with one batch, whose first record has this offset. */
export function fetched(
  source: TopicPartition,
  baseOffset: number,
  records: readonly TestRecord[],
  answer: Partial<FetchedPartition> = {},
): FetchedPartition {
  const writer = new RecordBatchWriter()
  for (const { key = 'k', value = 'v', timestampMs, headers = [] } of records) {
    writer.append(bytes(key), bytes(value), timestampMs, headers)
  }
  const buffer = records.length === 0 ? Buffer.alloc(0) : writer.finish(unstamped)
  if (buffer.length > 0) buffer.writeBigInt64BE(BigInt(baseOffset), 0)
  const nextOffset = baseOffset + records.length
  return {
    ...source,
    batches: parseRecordBatches(buffer, 0, buffer.length, { verifyCrc: false }),
    offset: baseOffset,
    nextOffset,
    highWatermark: nextOffset,
    lastStableOffset: nextOffset,
    logStartOffset: 0,
    sizeBytes: buffer.length,
    ...answer,
  }
}

function bytes(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text)
}
