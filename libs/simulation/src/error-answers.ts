import type { PartitionError, TopicError } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import type { Answer, Api, Requests } from './api.ts'

/** The answer that carries an error code and nothing else, per request; shapes as a broker sends them. */
export function errorAnswer<A extends Api>(
  api: A,
  request: Requests[A],
  errorCode: number,
): Answer<A> {
  return answers[api](request, errorCode)
}

const answers: { readonly [A in Api]: (request: Requests[A], errorCode: number) => Answer<A> } = {
  metadata: (topics, errorCode) => ({
    controllerId: -1,
    brokers: [],
    topics: (topics ?? []).map((topic) => ({ topic, errorCode, partitions: [] })),
  }),
  findCoordinator: (_request, errorCode) => ({ errorCode, nodeId: -1 }),
  produce: (request, errorCode) => request.batches.map((batch) => produceError(batch, errorCode)),
  fetch: (request, errorCode) => ({
    errorCode: 0,
    partitions: request.partitions.map((partition) => fetchError(partition, errorCode)),
  }),
  listOffsets: (request, errorCode) =>
    partitionErrors(request.partitions, errorCode).map((error) => ({
      ...error,
      offset: -1,
      timestampMs: -1,
    })),
  offsetFetch: (request, errorCode) => ({
    errorCode,
    partitions: partitionErrors(request.partitions, errorCode).map((error) => ({
      ...error,
      offset: -1,
    })),
  }),
  offsetCommit: (request, errorCode) => partitionErrors(request.offsets, errorCode),
  joinGroup: (request, errorCode) => joinError(request.memberId, errorCode),
  syncGroup: (_request, errorCode) => ({ errorCode, assignment: Buffer.alloc(0) }),
  heartbeat: (_request, errorCode) => ({ errorCode }),
  leaveGroup: (_request, errorCode) => ({ errorCode }),
  initProducerId: (_request, errorCode) => ({ errorCode, producerId: -1, producerEpoch: -1 }),
  addPartitionsToTxn: (request, errorCode) => partitionErrors(request.partitions, errorCode),
  addOffsetsToTxn: (_request, errorCode) => ({ errorCode }),
  txnOffsetCommit: (request, errorCode) => partitionErrors(request.offsets, errorCode),
  endTxn: (_request, errorCode) => ({ errorCode }),
  createTopics: (request, errorCode) => request.map(({ topic }) => topicError(topic, errorCode)),
  deleteTopics: (request, errorCode) => request.map((topic) => topicError(topic, errorCode)),
  createPartitions: (_request, errorCode) => ({ errorCode, message: null }),
  describeTopicConfigs: (_request, errorCode) => ({ errorCode, configs: new Map() }),
  deleteRecords: (request, errorCode) => partitionErrors(request, errorCode),
  deleteGroup: (_request, errorCode) => ({ errorCode }),
  describeGroup: (_request, errorCode) => ({ errorCode, state: '', memberCount: 0 }),
}

export function partitionErrors(
  partitions: readonly TopicPartition[],
  errorCode: number,
): PartitionError[] {
  return partitions.map(({ topic, partition }) => ({ topic, partition, errorCode }))
}

export function topicError(
  topic: string,
  errorCode: number,
  message: string | null = null,
): TopicError {
  return { topic, errorCode, message }
}

export function produceError(at: TopicPartition, errorCode: number): Answer<'produce'>[number] {
  const { topic, partition } = at
  return { topic, partition, errorCode, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1 }
}

export function fetchError(
  at: TopicPartition,
  errorCode: number,
): Answer<'fetch'>['partitions'][number] {
  return {
    topic: at.topic,
    partition: at.partition,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: [],
    records: Buffer.alloc(0),
  }
}

export function joinError(memberId: string, errorCode: number): Answer<'joinGroup'> {
  return { errorCode, generation: -1, protocolName: '', leaderId: '', memberId, members: [] }
}
