import type { Compression } from './record-batch.ts'

/**
 * Where the fields of a record batch's header lie, in bytes from the batch's start
 * (KIP-98; Kafka's `DefaultRecordBatch`):
 *
 *   baseOffset int64 · batchLength int32 · partitionLeaderEpoch int32 · magic int8 · crc uint32 ·
 *   attributes int16 · lastOffsetDelta int32 · baseTimestamp int64 · maxTimestamp int64 ·
 *   producerId int64 · producerEpoch int16 · baseSequence int32 · recordCount int32 · records
 *
 * `batchLength` counts from `partitionLeaderEpoch` on; the checksum covers `attributes` to the end.
 */
export const batchField = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const

/** Bytes before what `batchLength` counts. */
export const logOverheadBytes = 12

export const batchAttribute = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const

/** By their number in the attributes. */
export const compressionById: readonly (Compression | undefined)[] = [
  'none',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
]
