import type { TopicPartition } from '@millrace/record'
import type { CommittedOffset } from './cluster.ts'

/**
 * The layer below `Cluster`: one method per Kafka request that the client logic in `client/` uses,
 * typed, with Kafka's own error codes. `kafkajs/` sends them to real brokers, `@millrace/simulation`
 * answers them in the process, so that fetcher, producers and group member are the same code on both.
 *
 * A method rejects with `MILLRACE_KAFKA_RETRIABLE` where the connection failed or the answer did not
 * come in time (the broker may or may not have acted), with `_AUTHENTICATION` or `_UNSUPPORTED`
 * where repeating is useless. Everything else is an `errorCode` in the answer; 0 is success.
 * Request versions are those of `docs/kafka-protocol.md`.
 */
export interface Transport {
  connect(): Promise<void>
  close(): Promise<void>

  /** Metadata v8, never creating topics. Null asks for all topics. */
  metadata(topics: readonly string[] | null): Promise<MetadataAnswer>
  /** FindCoordinator v2. */
  findCoordinator(
    kind: 'group' | 'transaction',
    key: string,
  ): Promise<{ errorCode: number; nodeId: number }>

  /** Produce v7, acks -1. Each `batch` is one encoded record batch. */
  produce(nodeId: number, request: ProduceRequest): Promise<readonly ProduceAnswer[]>
  /** Fetch v11, no fetch session. */
  fetch(nodeId: number, request: FetchRequest): Promise<FetchAnswer>
  /** ListOffsets v3; timestamp -1 is latest, -2 earliest. */
  listOffsets(nodeId: number, request: ListOffsetsRequest): Promise<readonly ListOffsetsAnswer[]>

  /** OffsetFetch v7 for the named partitions. */
  offsetFetch(nodeId: number, request: OffsetFetchRequest): Promise<OffsetFetchAnswer>
  /** OffsetCommit v7. */
  offsetCommit(nodeId: number, request: OffsetCommitRequest): Promise<readonly PartitionError[]>
  /** JoinGroup v5. May be held by the broker for the rebalance time-out. */
  joinGroup(nodeId: number, request: JoinGroupRequest): Promise<JoinGroupAnswer>
  /** SyncGroup v3. */
  syncGroup(
    nodeId: number,
    request: SyncGroupRequest,
  ): Promise<{ errorCode: number; assignment: Buffer }>
  /** Heartbeat v3. */
  heartbeat(nodeId: number, request: MemberIdentity): Promise<{ errorCode: number }>
  /** LeaveGroup v3. */
  leaveGroup(nodeId: number, request: MemberIdentity): Promise<{ errorCode: number }>

  /** InitProducerId v3 (v1 semantics where producerId is -1); transactionalId null for an idempotent producer. */
  initProducerId(nodeId: number, request: InitProducerIdRequest): Promise<InitProducerIdAnswer>
  /** AddPartitionsToTxn v1. */
  addPartitionsToTxn(
    nodeId: number,
    request: AddPartitionsToTxnRequest,
  ): Promise<readonly PartitionError[]>
  /** AddOffsetsToTxn v1. */
  addOffsetsToTxn(
    nodeId: number,
    request: TxnIdentity & { readonly groupId: string },
  ): Promise<{ errorCode: number }>
  /** TxnOffsetCommit v3. */
  txnOffsetCommit(
    nodeId: number,
    request: TxnOffsetCommitRequest,
  ): Promise<readonly PartitionError[]>
  /** EndTxn v1. */
  endTxn(
    nodeId: number,
    request: TxnIdentity & { readonly isCommit: boolean },
  ): Promise<{ errorCode: number }>

  /** CreateTopics v4, to the controller. Answers per topic. */
  createTopics(topics: readonly CreateTopicRequest[]): Promise<readonly TopicError[]>
  deleteTopics(topics: readonly string[]): Promise<readonly TopicError[]>
  createPartitions(
    topic: string,
    partitionCount: number,
  ): Promise<{ errorCode: number; message: string | null }>
  describeTopicConfigs(
    topic: string,
  ): Promise<{ errorCode: number; configs: ReadonlyMap<string, string> }>
  /** DeleteRecords v0, to the partitions' leader. */
  deleteRecords(
    nodeId: number,
    before: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly PartitionError[]>
  /** To the groups' coordinator. */
  deleteGroup(nodeId: number, groupId: string): Promise<{ errorCode: number }>
  describeGroup(
    nodeId: number,
    groupId: string,
  ): Promise<{ errorCode: number; state: string; memberCount: number }>
}

export interface PartitionError extends TopicPartition {
  readonly errorCode: number
}

export interface TopicError {
  readonly topic: string
  readonly errorCode: number
  readonly message: string | null
}

export interface MetadataAnswer {
  readonly controllerId: number
  readonly brokers: readonly {
    readonly nodeId: number
    readonly host: string
    readonly port: number
  }[]
  readonly topics: readonly {
    readonly topic: string
    readonly errorCode: number
    readonly partitions: readonly {
      readonly partition: number
      readonly errorCode: number
      /** -1 while there is none. */
      readonly leaderId: number
      /** Grows with every change of leader (KIP-320); -1 where the cluster does not say. */
      readonly leaderEpoch: number
      readonly replicas: readonly number[]
    }[]
    /** What this client may do with a topic that was named: bit n is Kafka's `AclOperation` n. Left out: not told. */
    readonly operations?: number
  }[]
}

export interface ProduceRequest {
  readonly transactionalId: string | null
  readonly timeoutMs: number
  readonly batches: readonly (TopicPartition & { readonly batch: Buffer })[]
}

export interface ProduceAnswer extends PartitionError {
  readonly baseOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** Of a batch refused for some of its records: their places in it, from 0. */
  readonly refusedRecords?: readonly number[]
}

export interface FetchRequest {
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly partitions: readonly (TopicPartition & {
    readonly offset: number
    /** Of the leader as the reader knows it (KIP-320): a log of another epoch refuses. Left out: not checked. */
    readonly leaderEpoch?: number
    readonly maxBytes: number
  })[]
}

export interface FetchAnswer {
  readonly errorCode: number
  readonly partitions: readonly FetchPartitionAnswer[]
}

export interface FetchPartitionAnswer extends PartitionError {
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly abortedTransactions: readonly {
    readonly producerId: number
    readonly firstOffset: number
  }[]
  /** Record batches as the broker keeps them, possibly compressed; the last may be cut short. */
  readonly records: Buffer
}

export interface ListOffsetsRequest {
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly partitions: readonly (TopicPartition & { readonly timestampMs: number })[]
}

export interface ListOffsetsAnswer extends PartitionError {
  /** -1 where no record is at or after the timestamp. */
  readonly offset: number
  readonly timestampMs: number
}

export interface OffsetFetchRequest {
  readonly groupId: string
  readonly requireStable: boolean
  readonly partitions: readonly TopicPartition[]
}

export interface OffsetFetchAnswer {
  readonly errorCode: number
  /** offset -1 where none is committed. */
  readonly partitions: readonly (PartitionError & CommittedOffset)[]
}

export interface MemberIdentity {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface OffsetCommitRequest extends MemberIdentity {
  readonly offsets: readonly CommittedOffset[]
}

export interface JoinGroupRequest {
  readonly groupId: string
  /** Empty at first; the broker then answers MEMBER_ID_REQUIRED (79) with the id to use. */
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolType: string
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[]
}

export interface JoinGroupAnswer {
  readonly errorCode: number
  readonly generation: number
  readonly protocolName: string
  readonly leaderId: string
  readonly memberId: string
  /** Filled for the leader only. */
  readonly members: readonly {
    readonly memberId: string
    readonly groupInstanceId: string | null
    readonly metadata: Buffer
  }[]
}

export interface SyncGroupRequest extends MemberIdentity {
  /** From the leader; empty from the others. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[]
}

export interface InitProducerIdRequest {
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  /** -1, or the current id and epoch to bump it (KIP-360). */
  readonly producerId: number
  readonly producerEpoch: number
}

export interface InitProducerIdAnswer {
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}

export interface TxnIdentity {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

export interface AddPartitionsToTxnRequest extends TxnIdentity {
  readonly partitions: readonly TopicPartition[]
}

export interface TxnOffsetCommitRequest extends TxnIdentity, MemberIdentity {
  readonly offsets: readonly CommittedOffset[]
}

export interface CreateTopicRequest {
  readonly topic: string
  readonly partitionCount: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs: Readonly<{ [name: string]: string }>
}
