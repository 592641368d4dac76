import { expect, test } from 'vitest'
import { errorFor, isRetriable, kafkaErrorName, transactionErrorFor } from './classify.ts'
import { kafkaError } from './error-codes.ts'
import { kafkaErrorNames } from './kafka-error-names.ts'

test("every code that the client tells apart has Kafka's name", () => {
  for (const [name, code] of Object.entries(kafkaError)) {
    // Kafka calls 17 INVALID_TOPIC_EXCEPTION.
    expect(kafkaErrorNames[code]?.replace('_EXCEPTION', '')).toBe(name.replace('_EXCEPTION', ''))
  }
  expect(kafkaErrorName(-1)).toBe('UNKNOWN_SERVER_ERROR')
  expect(kafkaErrorName(9_999)).toBe('ERROR_9999')
})

test.each([
  [kafkaError.NOT_LEADER_OR_FOLLOWER, 'MILLRACE_KAFKA_RETRIABLE', 'retry'],
  [kafkaError.UNSTABLE_OFFSET_COMMIT, 'MILLRACE_KAFKA_RETRIABLE', 'retry'],
  [kafkaError.TOPIC_AUTHORIZATION_FAILED, 'MILLRACE_KAFKA_AUTHORIZATION', 'stop'],
  [kafkaError.SASL_AUTHENTICATION_FAILED, 'MILLRACE_KAFKA_AUTHENTICATION', 'stop'],
  [kafkaError.MESSAGE_TOO_LARGE, 'MILLRACE_KAFKA_RECORD_REFUSED', 'dead-letter'],
  [kafkaError.INVALID_TIMESTAMP, 'MILLRACE_KAFKA_RECORD_REFUSED', 'dead-letter'],
  [kafkaError.INVALID_PRODUCER_EPOCH, 'MILLRACE_KAFKA_FENCED', 'rejoin'],
  [kafkaError.PRODUCER_FENCED, 'MILLRACE_KAFKA_FENCED', 'rejoin'],
  [kafkaError.FENCED_INSTANCE_ID, 'MILLRACE_KAFKA_FENCED', 'rejoin'],
  [kafkaError.ILLEGAL_GENERATION, 'MILLRACE_KAFKA_FENCED', 'rejoin'],
  [kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, 'MILLRACE_KAFKA_ABORTABLE', 'retry'],
  [kafkaError.OFFSET_OUT_OF_RANGE, 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE', 'stop'],
  [kafkaError.UNSUPPORTED_VERSION, 'MILLRACE_KAFKA_UNSUPPORTED', 'stop'],
  [kafkaError.INVALID_TXN_STATE, 'MILLRACE_KAFKA_FATAL', 'stop'],
  [9_999, 'MILLRACE_KAFKA_FATAL', 'stop'],
])('code %i becomes %s', (code, millraceCode, recovery) => {
  expect(errorFor(code, 'testing')).toMatchObject({ code: millraceCode, recovery })
  expect(isRetriable(code)).toBe(millraceCode === 'MILLRACE_KAFKA_RETRIABLE')
})

test('a group that moved on ends the transaction, not the member', () => {
  expect(errorFor(kafkaError.UNKNOWN_MEMBER_ID, 'committing').code).toBe('MILLRACE_KAFKA_FENCED')
  expect(transactionErrorFor(kafkaError.UNKNOWN_MEMBER_ID, 'committing').code).toBe(
    'MILLRACE_KAFKA_ABORTABLE',
  )
  expect(transactionErrorFor(kafkaError.REBALANCE_IN_PROGRESS, 'committing').code).toBe(
    'MILLRACE_KAFKA_ABORTABLE',
  )
  expect(transactionErrorFor(kafkaError.PRODUCER_FENCED, 'committing').code).toBe(
    'MILLRACE_KAFKA_FENCED',
  )
})

test("the message names what was done, where, and Kafka's error", () => {
  const error = errorFor(6, 'producing', { topic: 'orders', partition: 2 })
  expect(error.message).toContain('producing of orders[2]: NOT_LEADER_OR_FOLLOWER (6)')
})
