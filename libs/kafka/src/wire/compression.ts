import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import { decompressLz4 } from './compression/lz4.ts'
import { decompressSnappy } from './compression/snappy.ts'
import type { RecordBatch } from './record-batch.ts'

export interface DecompressOptions {
  /** The most that a batch may become. Default 64 MiB. */
  readonly uncompressedMaxBytes?: number
  /** Named in errors. */
  readonly at?: TopicPartition | undefined
}

const defaultUncompressedMaxBytes = 64 << 20

/**
 * The batch with its records decompressed, in a buffer of its own; an uncompressed batch as it is.
 * Throws `MILLRACE_KAFKA_CORRUPT_BATCH` where the data does not decompress, or to more than the bound.
 */
export function decompressBatch(batch: RecordBatch, options: DecompressOptions = {}): RecordBatch {
  if (batch.compression === 'none') return batch
  const maxBytes = options.uncompressedMaxBytes ?? defaultUncompressedMaxBytes
  const compressed = batch.buffer.subarray(batch.recordsStart, batch.recordsEnd)
  let buffer: Buffer
  try {
    buffer = decompress(batch.compression, compressed, maxBytes)
  } catch (cause) {
    throw undecompressable(batch, cause, maxBytes, options.at)
  }
  return { ...batch, buffer, recordsStart: 0, recordsEnd: buffer.length, compression: 'none' }
}

function decompress(
  codec: Exclude<RecordBatch['compression'], 'none'>,
  data: Buffer,
  maxBytes: number,
): Buffer {
  switch (codec) {
    case 'gzip':
      return gunzipSync(data, { maxOutputLength: maxBytes })
    case 'snappy':
      return decompressSnappy(data, maxBytes)
    case 'lz4':
      return decompressLz4(data, maxBytes)
    case 'zstd':
      return zstdDecompressSync(data, { maxOutputLength: maxBytes })
  }
}

function undecompressable(
  batch: RecordBatch,
  cause: unknown,
  maxBytes: number,
  at?: TopicPartition,
): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError('MILLRACE_KAFKA_CORRUPT_BATCH', {
    message: `${batch.compression} batch with base offset ${batch.baseOffset} (at most ${maxBytes} bytes): ${reason}`,
    cause,
    at: at && { topic: at.topic, partition: at.partition, offset: batch.baseOffset },
  })
}
