import {
  BatchCursor,
  batchField,
  crc32c,
  decompressBatch,
  kafkaError,
  logOverheadBytes,
  type RecordBatch,
} from '@millrace/kafka'
import type { Topic } from '../topics/topic.ts'

/** Why a broker refuses a batch, and the places of the records that it names for it. */
export interface BatchError {
  readonly errorCode: number
  readonly refusedRecords?: readonly number[]
}

/** Null, or why a broker refuses a batch for what it is (Kafka's `LogValidator`), whoever sent it. */
export function batchError(topic: Topic, batch: RecordBatch, nowMs: number): BatchError | null {
  if (batch.buffer.length > topic.numericConfig('max.message.bytes')) {
    return { errorCode: kafkaError.MESSAGE_TOO_LARGE }
  }
  if (batch.isControl || batch.recordCount !== batch.lastOffset - batch.baseOffset + 1) {
    return { errorCode: kafkaError.INVALID_RECORD }
  }
  const isAppendTime = topic.config('message.timestamp.type') === 'LogAppendTime'
  if (!isAppendTime && batch.isLogAppendTime) return { errorCode: kafkaError.INVALID_TIMESTAMP }
  const latestMs = isAppendTime
    ? Number.POSITIVE_INFINITY
    : nowMs + topic.numericConfig('message.timestamp.after.max.ms')
  const beforeMaxMs = topic.numericConfig('message.timestamp.before.max.ms')
  const hasEarliest = !isAppendTime && Number.isSafeInteger(beforeMaxMs)
  if (!hasEarliest && !topic.isCompacted && batch.maxTimestampMs <= latestMs) return null
  const earliestMs = hasEarliest ? nowMs - beforeMaxMs : Number.NEGATIVE_INFINITY
  return recordsError(topic, batch, earliestMs, latestMs)
}

/** True where the bytes are one whole batch (magic 2) with the right checksum. */
export function isWellFormed(encoded: Buffer): boolean {
  if (encoded.length < batchField.records || encoded[batchField.magic] !== 2) return false
  const length = encoded.readInt32BE(batchField.batchLength) + logOverheadBytes
  if (length !== encoded.length) return false
  const crc = crc32c(encoded, batchField.attributes, encoded.length)
  return crc === encoded.readInt32BE(batchField.crc)
}

function recordsError(
  topic: Topic,
  batch: RecordBatch,
  earliestMs: number,
  latestMs: number,
): BatchError | null {
  const cursor = new BatchCursor()
  cursor.load(decompressBatch(batch))
  const refusedRecords: number[] = []
  for (let place = 0; cursor.next(); place++) {
    // A compacted topic cannot place a record without a key.
    if (topic.isCompacted && cursor.keyStart === -1)
      return { errorCode: kafkaError.INVALID_RECORD, refusedRecords: [place] }
    const { timestampMs } = cursor
    if (timestampMs < earliestMs || timestampMs > latestMs) refusedRecords.push(place)
  }
  if (refusedRecords.length === 0) return null
  return { errorCode: kafkaError.INVALID_TIMESTAMP, refusedRecords }
}
