export { type ClusterOptions, createCluster } from './client/cluster.ts'
export type { ClusterLogger } from './client/connection.ts'
export {
  type ConnectionSettings,
  connectionOptions,
  type KafkaConnectionOptions,
  type KafkaLog,
  type SaslOptions,
  type TlsOptions,
} from './kafkajs/connection-options.ts'
export { createKafkajsTransport } from './kafkajs/kafkajs-transport.ts'
export type { Admin, GroupDescription, NewTopic } from './ports/admin.ts'
export type {
  Cluster,
  CommittedOffset,
  Isolation,
  ListedOffset,
  PartitionOffset,
  TopicMetadata,
} from './ports/cluster.ts'
export type { FetchedPartition, Fetcher, FetcherOptions } from './ports/fetcher.ts'
export type {
  Assignor,
  GroupListener,
  GroupMember,
  GroupMemberOptions,
  GroupMetadata,
  Subscriber,
} from './ports/group.ts'
export type {
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from './ports/producer.ts'
export { RefusedTimestamps } from './ports/refused-timestamps.ts'
export type {
  AddPartitionsToTxnRequest,
  CreateTopicRequest,
  FetchAnswer,
  FetchPartitionAnswer,
  FetchRequest,
  InitProducerIdAnswer,
  InitProducerIdRequest,
  JoinGroupAnswer,
  JoinGroupRequest,
  ListOffsetsAnswer,
  ListOffsetsRequest,
  MemberIdentity,
  MetadataAnswer,
  OffsetCommitRequest,
  OffsetFetchAnswer,
  OffsetFetchRequest,
  PartitionError,
  ProduceAnswer,
  ProduceRequest,
  SyncGroupRequest,
  TopicError,
  Transport,
  TxnIdentity,
  TxnOffsetCommitRequest,
} from './ports/transport.ts'
export { BatchCursor } from './wire/batch-cursor.ts'
export { batchAttribute, batchField, logOverheadBytes } from './wire/batch-header.ts'
export { restamp, stampAppendTime, stampOffset } from './wire/batch-stamp.ts'
export {
  type ErrorPlace,
  errorFor,
  isRetriable,
  kafkaErrorName,
  transactionErrorFor,
} from './wire/classify.ts'
export { type DecompressOptions, decompressBatch } from './wire/compression.ts'
export {
  type ControlBatch,
  encodeControlBatch,
  readTransactionMarker,
  type TransactionMarker,
} from './wire/control-batch.ts'
export { kafkaError } from './wire/error-codes.ts'
export { crc32c } from './wire/primitives/crc32c.ts'
export type { Compression, RecordBatch } from './wire/record-batch.ts'
export { parseRecordBatches, type ReadBatchesOptions } from './wire/record-batch-reader.ts'
export {
  type BatchStamp,
  RecordBatchWriter,
  recordSizeMax,
  unstamped,
} from './wire/record-batch-writer.ts'
export type { RecordCursor } from './wire/record-cursor.ts'
