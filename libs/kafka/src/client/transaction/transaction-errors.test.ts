import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { rejection } from '../testing/rejection.ts'
import { group, offsets, open, produced } from '../testing/transactions.ts'

describe('offsets', () => {
  test('of a generation that is over make the transaction abortable and ask for a rejoin', async () => {
    for (const code of [
      kafkaError.ILLEGAL_GENERATION,
      kafkaError.UNKNOWN_MEMBER_ID,
      kafkaError.REBALANCE_IN_PROGRESS,
    ]) {
      const { producer, script } = await open()
      script.always('txnOffsetCommit', (_, request) =>
        request.offsets.map((each) => ({ ...each, errorCode: code })),
      )
      expect(await rejection(producer.sendOffsets(offsets, group))).toMatchObject({
        code: 'MILLRACE_KAFKA_ABORTABLE',
        recovery: 'rejoin',
      })
      expect(script.count('txnOffsetCommit')).toBe(1)
      await producer.abort()
      producer.begin()
    }
  })

  test('refused because the instance id was taken over end the producer', async () => {
    const { producer, script } = await open()
    script.always('txnOffsetCommit', (_, request) =>
      request.offsets.map((each) => ({ ...each, errorCode: kafkaError.FENCED_INSTANCE_ID })),
    )
    await expect(producer.sendOffsets(offsets, group)).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_FENCED',
    })
    expect(() => producer.begin()).toThrow(/FENCED_INSTANCE_ID/)
  })
})

test('a topic that stays away ends the transaction long before the delivery time-out', async () => {
  const { producer, append, script, clock, leaders } = await open({ deliveryTimeoutMs: 120_000 })
  script.always('addPartitionsToTxn', (_, { partitions }) =>
    partitions.map((each) => ({ ...each, errorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION })),
  )
  delete leaders['a']
  append(0)
  const flushed = rejection(producer.flush())
  await clock.advance(15_000)
  expect(await flushed).toMatchObject({ code: 'MILLRACE_KAFKA_TOPIC_MISSING' })
})

describe('errors of a batch', () => {
  test.each([
    [kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, 'MILLRACE_KAFKA_ABORTABLE', true],
    [kafkaError.UNKNOWN_PRODUCER_ID, 'MILLRACE_KAFKA_ABORTABLE', true],
    [kafkaError.INVALID_PRODUCER_EPOCH, 'MILLRACE_KAFKA_FENCED', false],
    [kafkaError.INVALID_TXN_STATE, 'MILLRACE_KAFKA_FATAL', false],
    [kafkaError.TRANSACTION_ABORTABLE, 'MILLRACE_KAFKA_ABORTABLE', true],
  ])('code %i is %s', async (errorCode, code, canAbort) => {
    const { producer, append, script } = await open()
    script.always('produce', (_, request) => produced(request, errorCode))
    append(0)
    const error = await rejection(producer.flush())
    expect(error.code).toBe(code)
    await expect(producer.sendOffsets(offsets, group)).rejects.toBe(error)
    const outcome = await producer.abort().catch((thrown: unknown) => thrown)
    expect(outcome).toBe(canAbort ? undefined : error)
  })
})
