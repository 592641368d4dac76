import type { TopicPartition } from '@millrace/record'
import type { RecordBatch } from '../wire/record-batch.ts'
import type { Isolation, PartitionOffset } from './cluster.ts'

export interface FetcherOptions {
  readonly isolation: Isolation
  /** How long a broker may hold a fetch that has nothing to return. Default 500. */
  readonly maxWaitMs?: number
  /** Bytes asked for per partition and fetch. Default 1 MiB. */
  readonly partitionMaxBytes?: number
  /** Bytes fetched ahead and not yet polled, over all partitions. Default 16 MiB. */
  readonly bufferMaxBytes?: number
  /** Compare every batch with its checksum, as Kafka's consumer does. Default true. */
  readonly verifyCrc?: boolean
}

/** What one fetch brought for one partition. */
export interface FetchedPartition extends TopicPartition {
  /**
   * Uncompressed data batches in order; control batches and aborted ones are left out. The first
   * may hold records before the position asked for: readers pass over offsets below `offset`.
   */
  readonly batches: readonly RecordBatch[]
  /** The position this answers: records below it are not wanted. */
  readonly offset: number
  /** Where to read next, from `lastOffsetDelta`: gaps, markers and empty batches included. */
  readonly nextOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly sizeBytes: number
}

/**
 * Reads assigned partitions, one loop per leader, fetching ahead within a bound in bytes. A leader
 * change refreshes metadata and is invisible here.
 */
export interface Fetcher {
  /**
   * The partitions to read from now on and where each starts. Partitions left out are dropped with
   * what was buffered of them; a partition already assigned is moved to the given offset.
   */
  assign(positions: readonly PartitionOffset[]): void
  /** Adds partitions, or moves the ones already assigned. */
  add(positions: readonly PartitionOffset[]): void
  remove(partitions: readonly TopicPartition[]): void
  /** Leaves partitions out of further fetches; what is buffered of them stays and is not polled. */
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /**
   * What has been fetched, at most one answer per partition; waits up to `timeoutMs` for the first.
   * An answer may have no batches: it then tells that the position moved, or that the end stands
   * where it did. Throws `MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE` (never resets a position by itself).
   */
  poll(timeoutMs: number): Promise<readonly FetchedPartition[]>
  /** A poll that waits ends at once. */
  wake(): void
  close(): Promise<void>
}
