export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/**
 * One record batch (magic 2), located in a larger buffer and not yet decoded. What a `Fetcher`
 * hands out is always uncompressed; `parseRecordBatches` also locates compressed ones.
 * Layout: Kafka's `DefaultRecordBatch`.
 */
export interface RecordBatch {
  readonly buffer: Buffer
  /** First byte of the records (after the 61 bytes of header), and one past the last. */
  readonly recordsStart: number
  readonly recordsEnd: number
  /** 0 where the cleaner left an empty batch to keep a producer's sequence. */
  readonly recordCount: number
  readonly baseOffset: number
  /** From `lastOffsetDelta`: stays where it was when the cleaner removes records. */
  readonly lastOffset: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  /** Set by the topic's `message.timestamp.type=LogAppendTime`: every record then has `maxTimestampMs`. */
  readonly isLogAppendTime: boolean
  /** -1 for a producer that is neither idempotent nor transactional. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
  /** Holds one transaction marker (or a KRaft record) and nothing for applications. */
  readonly isControl: boolean
  readonly compression: Compression
}
