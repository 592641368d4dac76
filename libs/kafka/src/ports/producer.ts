import type { Headers } from '@millrace/record'
import type { CommittedOffset, PartitionOffset } from './cluster.ts'
import type { GroupMetadata } from './group.ts'

export interface ProducerOptions {
  /** A batch is sent when it has reached this size. Default 512 KiB. */
  readonly batchMaxBytes?: number
  /** The largest record accepted by `append`. Default 1,000,000 (below the broker's default). */
  readonly recordMaxBytes?: number
  /** How long a batch is retried before it fails. Default 120,000. */
  readonly deliveryTimeoutMs?: number
}

export interface TransactionalProducerOptions extends ProducerOptions {
  readonly transactionalId: string
  /** After this the coordinator aborts a transaction left open. Default 10,000. */
  readonly transactionTimeoutMs?: number
}

/**
 * Writes records in batches, idempotently: per partition in order, without loss or repetition
 * between `append` and a resolved `flush`. A retry sends the same bytes with the same sequence.
 */
export interface Producer {
  /**
   * Copies the record into the partition's open batch. Full batches are sent when the caller has
   * returned to the event loop; what is closed before that sends nothing of them.
   * Throws `MILLRACE_KAFKA_RECORD_REFUSED` where the record is over `recordMaxBytes`.
   */
  append(
    topic: string,
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): void
  /** Bytes appended and not yet acknowledged: the caller's measure for back-pressure. */
  bufferedBytes(): number
  /**
   * Sends what is open and waits until all is acknowledged by all in-sync replicas. Resolves to the
   * offset after the last acknowledged record of each partition written since the last flush.
   * Rejects with the first error that did not pass; the producer is unusable then and must be closed.
   */
  flush(): Promise<readonly PartitionOffset[]>
  close(): Promise<void>
}

/** A producer whose records, and the offsets they were made from, become visible together (KIP-98, KIP-447). */
export interface TransactionalProducer extends Producer {
  /** InitProducerId: fences earlier owners of the id and aborts what they left open. */
  init(): Promise<void>
  begin(): void
  /** Puts input offsets into the transaction, fenced by member id and generation. */
  sendOffsets(offsets: readonly CommittedOffset[], group: GroupMetadata): Promise<void>
  commit(): Promise<void>
  abort(): Promise<void>
}
