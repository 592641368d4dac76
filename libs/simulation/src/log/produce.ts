import { kafkaError, type ProduceRequest, type RecordBatch, stampAppendTime } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import type { Answer } from '../api.ts'
import { produceError } from '../error-answers.ts'
import type { Partition, Topic } from '../topics/topic.ts'
import type { Topics } from '../topics/topics.ts'
import type { TransactionCoordinator } from '../transactions/transaction-coordinator.ts'
import { batchError, isWellFormed } from './judge-batch.ts'
import { parseStored } from './partition-log.ts'

export interface ProduceOptions {
  readonly topics: Topics
  readonly transactions: TransactionCoordinator
  readonly nowMs: number
}

type ProduceAnswer = Answer<'produce'>[number]

/** Produce v8 with acks -1: every batch is judged and appended for itself. */
export function produce(
  options: ProduceOptions,
  nodeId: number,
  request: ProduceRequest,
): ProduceAnswer[] {
  return request.batches.map((sent) => {
    const topic = options.topics.find(sent.topic)
    const partition = topic?.partitions[sent.partition]
    if (topic === undefined || partition === undefined) {
      return produceError(sent, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
    }
    if (partition.leaderId !== nodeId) return produceError(sent, kafkaError.NOT_LEADER_OR_FOLLOWER)
    if (!isWellFormed(sent.batch)) return produceError(sent, kafkaError.CORRUPT_MESSAGE)
    return appendBatch(options, { topic, partition, at: sent, request, encoded: sent.batch })
  })
}

interface Append {
  readonly topic: Topic
  readonly partition: Partition
  readonly at: TopicPartition
  readonly request: ProduceRequest
  readonly encoded: Buffer
}

function appendBatch(options: ProduceOptions, append: Append): ProduceAnswer {
  const { topic, partition, at } = append
  const { log } = partition
  const batch = parseStored(append.encoded)
  const errorCode = verificationError(options, append, batch)
  if (errorCode !== 0) return produceError(at, errorCode)
  const refused = batchError(topic, batch, options.nowMs)
  if (refused !== null) return { ...produceError(at, refused.errorCode), ...refused }
  const verdict = log.producers.judge(batch)
  if (verdict.kind === 'error') return produceError(at, verdict.errorCode)
  const answer = { topic: at.topic, partition: at.partition, errorCode: 0 }
  if (verdict.kind === 'duplicate') {
    const { baseOffset, timestampMs } = verdict.of
    return { ...answer, baseOffset, logAppendTimeMs: timestampMs, logStartOffset: log.startOffset }
  }
  // A copy: the producer keeps its bytes for a retry, the log puts offsets into its own.
  const encoded = Buffer.from(append.encoded)
  const isAppendTime = topic.config('message.timestamp.type') === 'LogAppendTime'
  if (isAppendTime) stampAppendTime(encoded, options.nowMs)
  const { baseOffset } = log.append(encoded, partition.leaderEpoch)
  const logAppendTimeMs = isAppendTime ? options.nowMs : -1
  return { ...answer, baseOffset, logAppendTimeMs, logStartOffset: log.startOffset }
}

/**
 * A partition that already holds records of the open transaction is not asked about again. What may
 * pass by itself is answered NOT_ENOUGH_REPLICAS, which clients retry.
 */
function verificationError(options: ProduceOptions, append: Append, batch: RecordBatch): number {
  if (!batch.isTransactional) return 0
  const { transactionalId } = append.request
  const { producerId, producerEpoch } = batch
  if (append.partition.log.producers.hasOpenTransaction(producerId)) return 0
  if (transactionalId === null) return kafkaError.INVALID_TXN_STATE
  const identity = { transactionalId, producerId, producerEpoch }
  const errorCode = options.transactions.partitionVerdict(identity, append.at)
  const isPassing = errorCode === kafkaError.CONCURRENT_TRANSACTIONS
  return isPassing ? kafkaError.NOT_ENOUGH_REPLICAS : errorCode
}
