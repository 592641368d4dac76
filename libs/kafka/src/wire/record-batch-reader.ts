import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import { batchAttribute, batchField, compressionById, logOverheadBytes } from './batch-header.ts'
import { crc32c } from './primitives/crc32c.ts'
import { readInt64 } from './primitives/int64.ts'
import type { RecordBatch } from './record-batch.ts'

export interface ReadBatchesOptions {
  /** Compare each batch with its CRC-32C: a few tenths of a nanosecond per byte. */
  readonly verifyCrc: boolean
  /** Named in errors. */
  readonly at?: TopicPartition | undefined
}

/**
 * Locates the record batches in `buffer[start, end)`. A batch cut short at the end, which is how
 * Kafka fills a fetch answer, is left out. Decodes and decompresses nothing.
 *
 * Throws `MILLRACE_KAFKA_UNSUPPORTED` for message formats 0 and 1, and unknown compression;
 * `MILLRACE_KAFKA_CORRUPT_BATCH` for an impossible length or a wrong checksum.
 */
export function parseRecordBatches(
  buffer: Buffer,
  start: number,
  end: number,
  options: ReadBatchesOptions,
): RecordBatch[] {
  const batches: RecordBatch[] = []
  let position = start
  // Seventeen bytes reach to the magic, which is at the same place in every message format.
  while (position + batchField.magic < end) {
    const length = buffer.readInt32BE(position + batchField.batchLength)
    const magic = buffer[position + batchField.magic]!
    if (magic < 2) throw unsupported(buffer, position, `message format ${magic}`, options.at)
    if (length < batchField.records - logOverheadBytes || magic !== 2) {
      throw corrupt(buffer, position, `length ${length}, magic ${magic}`, options.at)
    }
    const batchEnd = position + logOverheadBytes + length
    if (batchEnd > end) break
    batches.push(readHeader(buffer, position, batchEnd, options))
    position = batchEnd
  }
  return batches
}

function readHeader(
  buffer: Buffer,
  start: number,
  end: number,
  options: ReadBatchesOptions,
): RecordBatch {
  if (options.verifyCrc) {
    const stored = buffer.readInt32BE(start + batchField.crc)
    const computed = crc32c(buffer, start + batchField.attributes, end)
    if (stored !== computed) throw corrupt(buffer, start, 'the checksum does not match', options.at)
  }
  const attributes = buffer.readInt16BE(start + batchField.attributes)
  const compression = compressionById[attributes & batchAttribute.compressionMask]
  if (compression === undefined) {
    throw unsupported(
      buffer,
      start,
      `compression ${attributes & batchAttribute.compressionMask}`,
      options.at,
    )
  }
  const baseOffset = readInt64(buffer, start + batchField.baseOffset)
  const lastOffsetDelta = buffer.readInt32BE(start + batchField.lastOffsetDelta)
  const recordCount = buffer.readInt32BE(start + batchField.recordCount)
  if (lastOffsetDelta < 0 || recordCount < 0 || recordCount > lastOffsetDelta + 1) {
    throw corrupt(
      buffer,
      start,
      `${recordCount} records over ${lastOffsetDelta + 1} offsets`,
      options.at,
    )
  }
  return {
    buffer,
    recordsStart: start + batchField.records,
    recordsEnd: end,
    recordCount,
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestampMs: readInt64(buffer, start + batchField.baseTimestamp),
    maxTimestampMs: readInt64(buffer, start + batchField.maxTimestamp),
    isLogAppendTime: (attributes & batchAttribute.logAppendTime) !== 0,
    producerId: readInt64(buffer, start + batchField.producerId),
    producerEpoch: buffer.readInt16BE(start + batchField.producerEpoch),
    baseSequence: buffer.readInt32BE(start + batchField.baseSequence),
    isTransactional: (attributes & batchAttribute.transactional) !== 0,
    isControl: (attributes & batchAttribute.control) !== 0,
    compression,
  }
}

function corrupt(
  buffer: Buffer,
  start: number,
  what: string,
  at: TopicPartition | undefined,
): MillraceError {
  return batchError('MILLRACE_KAFKA_CORRUPT_BATCH', buffer, start, what, at)
}

function unsupported(
  buffer: Buffer,
  start: number,
  what: string,
  at: TopicPartition | undefined,
): MillraceError {
  return batchError('MILLRACE_KAFKA_UNSUPPORTED', buffer, start, what, at)
}

function batchError(
  code: 'MILLRACE_KAFKA_CORRUPT_BATCH' | 'MILLRACE_KAFKA_UNSUPPORTED',
  buffer: Buffer,
  start: number,
  what: string,
  at: TopicPartition | undefined,
): MillraceError {
  const offset = readInt64(buffer, start + batchField.baseOffset)
  return new MillraceError(code, {
    message: `record batch with base offset ${offset}: ${what}`,
    at: at && { topic: at.topic, partition: at.partition, offset },
  })
}
