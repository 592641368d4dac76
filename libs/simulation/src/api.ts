import type {
  AddPartitionsToTxnRequest,
  CreateTopicRequest,
  FetchRequest,
  InitProducerIdRequest,
  JoinGroupRequest,
  ListOffsetsRequest,
  MemberIdentity,
  OffsetCommitRequest,
  OffsetFetchRequest,
  ProduceRequest,
  SyncGroupRequest,
  Transport,
  TxnIdentity,
  TxnOffsetCommitRequest,
} from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'

/** What each request of the transport carries, as fault injectors see it. */
export interface Requests {
  readonly metadata: readonly string[] | null
  readonly findCoordinator: { readonly kind: CoordinatorKind; readonly key: string }
  readonly produce: ProduceRequest
  readonly fetch: FetchRequest
  readonly listOffsets: ListOffsetsRequest
  readonly offsetFetch: OffsetFetchRequest
  readonly offsetCommit: OffsetCommitRequest
  readonly joinGroup: JoinGroupRequest
  readonly syncGroup: SyncGroupRequest
  readonly heartbeat: MemberIdentity
  readonly leaveGroup: MemberIdentity
  readonly initProducerId: InitProducerIdRequest
  readonly addPartitionsToTxn: AddPartitionsToTxnRequest
  readonly addOffsetsToTxn: TxnIdentity & { readonly groupId: string }
  readonly txnOffsetCommit: TxnOffsetCommitRequest
  readonly endTxn: TxnIdentity & { readonly isCommit: boolean }
  readonly createTopics: readonly CreateTopicRequest[]
  readonly deleteTopics: readonly string[]
  readonly createPartitions: { readonly topic: string; readonly partitionCount: number }
  readonly describeTopicConfigs: string
  readonly deleteRecords: readonly (TopicPartition & { readonly offset: number })[]
  readonly deleteGroup: string
  readonly describeGroup: string
}

export type Api = keyof Requests

/** What the transport resolves to for a request. */
export type Answer<A extends Api> = Awaited<ReturnType<Transport[A]>>

export type CoordinatorKind = 'group' | 'transaction'

/** One name for a partition, unambiguous because a partition is a number. */
export function partitionKey(partition: TopicPartition): string {
  return `${partition.topic}-${partition.partition}`
}
