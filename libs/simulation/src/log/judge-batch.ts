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

/** 0, or why a broker refuses a batch for what it is (Kafka's `LogValidator`), whoever sent it. */
export function batchError(topic: Topic, batch: RecordBatch, nowMs: number): number {
  if (batch.buffer.length > topic.numericConfig('max.message.bytes')) {
    return kafkaError.MESSAGE_TOO_LARGE
  }
  if (batch.isControl || batch.recordCount !== batch.lastOffset - batch.baseOffset + 1) {
    return kafkaError.INVALID_RECORD
  }
  const isAppendTime = topic.config('message.timestamp.type') === 'LogAppendTime'
  if (!isAppendTime && batch.isLogAppendTime) return kafkaError.INVALID_TIMESTAMP
  const latestMs = nowMs + topic.numericConfig('message.timestamp.after.max.ms')
  if (!isAppendTime && batch.maxTimestampMs > latestMs) return kafkaError.INVALID_TIMESTAMP
  const beforeMaxMs = topic.numericConfig('message.timestamp.before.max.ms')
  const hasEarliest = !isAppendTime && Number.isSafeInteger(beforeMaxMs)
  if (!hasEarliest && !topic.isCompacted) return 0
  return recordsError(topic, batch, hasEarliest ? nowMs - beforeMaxMs : Number.NEGATIVE_INFINITY)
}

/** True where the bytes are one whole batch (magic 2) with the right checksum. */
export function isWellFormed(encoded: Buffer): boolean {
  if (encoded.length < batchField.records || encoded[batchField.magic] !== 2) return false
  const length = encoded.readInt32BE(batchField.batchLength) + logOverheadBytes
  if (length !== encoded.length) return false
  const crc = crc32c(encoded, batchField.attributes, encoded.length)
  return crc === encoded.readInt32BE(batchField.crc)
}

function recordsError(topic: Topic, batch: RecordBatch, earliestMs: number): number {
  const cursor = new BatchCursor()
  cursor.load(decompressBatch(batch))
  while (cursor.next()) {
    // A compacted topic cannot place a record without a key.
    if (topic.isCompacted && cursor.keyStart === -1) return kafkaError.INVALID_RECORD
    if (cursor.timestampMs < earliestMs) return kafkaError.INVALID_TIMESTAMP
  }
  return 0
}
