import { type ErrorCode, MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import { kafkaError } from './error-codes.ts'
import { kafkaErrorNames } from './kafka-error-names.ts'

/** Where a request failed: a partition, and the offset where one is known. */
export interface ErrorPlace extends TopicPartition {
  readonly offset?: number
}

/** Kafka's name of a code, e.g. `NOT_LEADER_OR_FOLLOWER`; `ERROR_<code>` for one that is not known here. */
export function kafkaErrorName(code: number): string {
  if (code === -1) return 'UNKNOWN_SERVER_ERROR'
  return kafkaErrorNames[code] ?? `ERROR_${code}`
}

/** Whether the same request may succeed when it is repeated, perhaps to another broker after a metadata refresh. */
export function isRetriable(code: number): boolean {
  return retriable.has(code)
}

/**
 * The error for a code in an answer to something that was being done ("committing offsets of
 * group orders"). The classes are those of Kafka's Java client: retriable as its
 * `RetriableException`, the rest as its `TransactionManager` and coordinators treat them.
 */
export function errorFor(code: number, doing: string, at?: ErrorPlace): MillraceError {
  return build(
    classes.get(code) ?? (isRetriable(code) ? 'MILLRACE_KAFKA_RETRIABLE' : 'MILLRACE_KAFKA_FATAL'),
    code,
    doing,
    at,
  )
}

/**
 * As `errorFor`, for requests inside a transaction. A group that moved on (22, 25, 27) then ends
 * the transaction, not the producer: it is `MILLRACE_KAFKA_ABORTABLE`.
 */
export function transactionErrorFor(code: number, doing: string, at?: ErrorPlace): MillraceError {
  return groupMovedOn.has(code)
    ? build('MILLRACE_KAFKA_ABORTABLE', code, doing, at)
    : errorFor(code, doing, at)
}

function build(
  millraceCode: ErrorCode,
  code: number,
  doing: string,
  at: ErrorPlace | undefined,
): MillraceError {
  const place =
    at !== undefined && at.offset === undefined ? ` of ${at.topic}[${at.partition}]` : ''
  return new MillraceError(millraceCode, {
    message: `${doing}${place}: ${kafkaErrorName(code)} (${code})`,
    at:
      at?.offset === undefined
        ? undefined
        : { topic: at.topic, partition: at.partition, offset: at.offset },
  })
}

const { ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS } = kafkaError

const groupMovedOn: ReadonlySet<number> = new Set([
  ILLEGAL_GENERATION,
  UNKNOWN_MEMBER_ID,
  REBALANCE_IN_PROGRESS,
])

const retriable: ReadonlySet<number> = new Set([
  kafkaError.CORRUPT_MESSAGE,
  kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  kafkaError.LEADER_NOT_AVAILABLE,
  kafkaError.NOT_LEADER_OR_FOLLOWER,
  kafkaError.REQUEST_TIMED_OUT,
  kafkaError.REPLICA_NOT_AVAILABLE,
  kafkaError.NETWORK_EXCEPTION,
  kafkaError.COORDINATOR_LOAD_IN_PROGRESS,
  kafkaError.COORDINATOR_NOT_AVAILABLE,
  kafkaError.NOT_COORDINATOR,
  kafkaError.NOT_ENOUGH_REPLICAS,
  kafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  kafkaError.REBALANCE_IN_PROGRESS,
  kafkaError.NOT_CONTROLLER,
  kafkaError.CONCURRENT_TRANSACTIONS,
  kafkaError.KAFKA_STORAGE_ERROR,
  kafkaError.LISTENER_NOT_FOUND,
  kafkaError.FENCED_LEADER_EPOCH,
  kafkaError.UNKNOWN_LEADER_EPOCH,
  kafkaError.OFFSET_NOT_AVAILABLE,
  kafkaError.UNSTABLE_OFFSET_COMMIT,
  kafkaError.THROTTLING_QUOTA_EXCEEDED,
])

const classes: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [kafkaError.OFFSET_OUT_OF_RANGE, 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE'],

  [kafkaError.TOPIC_AUTHORIZATION_FAILED, 'MILLRACE_KAFKA_AUTHORIZATION'],
  [kafkaError.GROUP_AUTHORIZATION_FAILED, 'MILLRACE_KAFKA_AUTHORIZATION'],
  [kafkaError.CLUSTER_AUTHORIZATION_FAILED, 'MILLRACE_KAFKA_AUTHORIZATION'],
  [kafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 'MILLRACE_KAFKA_AUTHORIZATION'],

  [kafkaError.UNSUPPORTED_SASL_MECHANISM, 'MILLRACE_KAFKA_AUTHENTICATION'],
  [kafkaError.ILLEGAL_SASL_STATE, 'MILLRACE_KAFKA_AUTHENTICATION'],
  [kafkaError.SASL_AUTHENTICATION_FAILED, 'MILLRACE_KAFKA_AUTHENTICATION'],

  [kafkaError.MESSAGE_TOO_LARGE, 'MILLRACE_KAFKA_RECORD_REFUSED'],
  [kafkaError.RECORD_LIST_TOO_LARGE, 'MILLRACE_KAFKA_RECORD_REFUSED'],
  [kafkaError.INVALID_TIMESTAMP, 'MILLRACE_KAFKA_RECORD_REFUSED'],
  [kafkaError.INVALID_RECORD, 'MILLRACE_KAFKA_RECORD_REFUSED'],

  [kafkaError.INVALID_PRODUCER_EPOCH, 'MILLRACE_KAFKA_FENCED'],
  [kafkaError.PRODUCER_FENCED, 'MILLRACE_KAFKA_FENCED'],
  [kafkaError.FENCED_INSTANCE_ID, 'MILLRACE_KAFKA_FENCED'],
  [ILLEGAL_GENERATION, 'MILLRACE_KAFKA_FENCED'],
  [UNKNOWN_MEMBER_ID, 'MILLRACE_KAFKA_FENCED'],

  [kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, 'MILLRACE_KAFKA_ABORTABLE'],
  [kafkaError.INVALID_PRODUCER_ID_MAPPING, 'MILLRACE_KAFKA_ABORTABLE'],
  [kafkaError.UNKNOWN_PRODUCER_ID, 'MILLRACE_KAFKA_ABORTABLE'],
  [kafkaError.TRANSACTION_ABORTABLE, 'MILLRACE_KAFKA_ABORTABLE'],

  [kafkaError.UNSUPPORTED_VERSION, 'MILLRACE_KAFKA_UNSUPPORTED'],
  [kafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT, 'MILLRACE_KAFKA_UNSUPPORTED'],
  [kafkaError.UNSUPPORTED_COMPRESSION_TYPE, 'MILLRACE_KAFKA_UNSUPPORTED'],
])
