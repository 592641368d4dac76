import type { TopicPartition } from '@millrace/record'
import type { Admin } from './admin.ts'
import type { Fetcher, FetcherOptions } from './fetcher.ts'
import type { GroupMember, GroupMemberOptions } from './group.ts'
import type {
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './producer.ts'

/** A partition and an offset in it. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number
}

/** An input offset of a group, with what its members note beside it (Kafka's offset metadata). */
export interface CommittedOffset extends PartitionOffset {
  readonly metadata?: string | undefined
}

export interface TopicMetadata {
  readonly topic: string
  readonly partitionCount: number
}

/**
 * `read_committed` reads up to the last stable offset and leaves aborted records out;
 * `read_uncommitted` reads to the high watermark. Always said, never assumed.
 */
export type Isolation = 'read_committed' | 'read_uncommitted'

export interface ListedOffset extends PartitionOffset {}

/**
 * The port: all that Millrace needs of a Kafka cluster, bytes in and bytes out at the level of
 * record batches. Adapters: `kafkajs/` (real brokers) and `@millrace/simulation`; both pass
 * `conformance/`. Errors are `MillraceError`s with the codes `MILLRACE_KAFKA_*`.
 */
export interface Cluster {
  readonly admin: Admin

  /** Resolves once a broker answered. Rejects with `MILLRACE_KAFKA_UNAVAILABLE` (retriable), or `_AUTHENTICATION`. */
  connect(): Promise<void>

  /** Partition counts by topic; a topic that does not exist is left out. Never creates a topic. */
  metadata(topics: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>>

  /**
   * The log's start (`earliest`), its end (`latest`: the high watermark when read-uncommitted, the
   * last stable offset when read-committed), or the first offset at or after a timestamp (the end where none is).
   */
  listOffsets(
    partitions: readonly TopicPartition[],
    at: 'earliest' | 'latest' | { readonly timestampMs: number },
    isolation: Isolation,
  ): Promise<readonly ListedOffset[]>

  /**
   * Committed offsets of a group, OffsetFetch v7. Partitions without one are left out. With
   * `requireStable` (KIP-447) waits while an offset is part of an undecided transaction.
   */
  committedOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    options: { readonly requireStable: boolean },
  ): Promise<readonly CommittedOffset[]>

  /** Reads partitions from given positions; no group involved. */
  fetcher(options: FetcherOptions): Fetcher

  /** Writes idempotently. */
  producer(options: ProducerOptions): Producer

  /** Writes in transactions (exactly-once v2). */
  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer

  /** A member of a consumer group, not yet joined. */
  groupMember(options: GroupMemberOptions): GroupMember

  /** Closes every connection. What was made here must be closed before. */
  close(): Promise<void>
}
