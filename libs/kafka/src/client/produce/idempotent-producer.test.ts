import { noHeaders } from '@millrace/record'
import { describe, expect, test } from 'vitest'
import type { ProducerOptions } from '../../ports/producer.ts'
import type { ProduceAnswer } from '../../ports/transport.ts'
import { BatchCursor } from '../../wire/batch-cursor.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { connected } from '../testing/fixture.ts'
import { rejection } from '../testing/rejection.ts'
import { type Call, connectionLost, settle } from '../testing/scripted-transport.ts'
import { IdempotentProducer } from './idempotent-producer.ts'

async function producing(leaders: { [topic: string]: number[] }, options: ProducerOptions = {}) {
  const fixture = connected(leaders)
  await fixture.connection.metadata.refresh(Object.keys(leaders))
  const producer = new IdempotentProducer(fixture.connection, options)
  const append = (topic: string, partition: number, value = 'v', timestampMs = 1_000) =>
    producer.append(topic, partition, null, Buffer.from(value), timestampMs, noHeaders)
  return { ...fixture, producer, append, next: () => fixture.script.next('produce') }
}

function written(call: Call<'produce'>) {
  return call.args[1].batches.map(({ topic, partition, batch }) => {
    const [header] = parseRecordBatches(batch, 0, batch.length, { verifyCrc: true })
    const { producerId, producerEpoch, baseSequence, recordCount } = header!
    return { at: `${topic}[${partition}]`, producerId, producerEpoch, baseSequence, recordCount }
  })
}

/** Value and time of every record of the call's first batch. */
function records(call: Call<'produce'>): [string, number][] {
  const { batch } = call.args[1].batches[0]!
  const cursor = new BatchCursor()
  cursor.load(parseRecordBatches(batch, 0, batch.length, { verifyCrc: true })[0]!)
  const found: [string, number][] = []
  while (cursor.next()) found.push([String(cursor.value()), cursor.timestampMs])
  return found
}

function bytes(call: Call<'produce'>): Buffer[] {
  return call.args[1].batches.map(({ batch }) => Buffer.from(batch))
}

/** Answers each batch of the call with a code, or success at a base offset. */
function answer(
  call: Call<'produce'>,
  outcome: (at: string) => { code?: number; baseOffset?: number },
): void {
  const answers = call.args[1].batches.map(({ topic, partition }): ProduceAnswer => {
    const { code = 0, baseOffset = -1 } = outcome(`${topic}[${partition}]`)
    return { topic, partition, errorCode: code, baseOffset, logAppendTimeMs: -1, logStartOffset: 0 }
  })
  call.answer(answers)
}

describe('writing', () => {
  test('a flush sends the open batches of a leader in one request and tells the offsets after them', async () => {
    const { producer, append, next, script } = await producing({ a: [1, 2], b: [1] })
    append('a', 0)
    append('a', 0)
    append('a', 1)
    append('b', 0)
    const flushed = producer.flush()
    const calls = [await next(), await next()]
    expect(
      calls.map((call) => [
        call.args[0],
        written(call).map(({ at, recordCount }) => `${at} ${recordCount}`),
      ]),
    ).toEqual([
      [1, ['a[0] 2', 'b[0] 1']],
      [2, ['a[1] 1']],
    ])
    for (const call of calls) answer(call, (at) => ({ baseOffset: at === 'a[0]' ? 10 : 20 }))
    expect(await flushed).toEqual([
      { topic: 'a', partition: 0, offset: 12 },
      { topic: 'b', partition: 0, offset: 21 },
      { topic: 'a', partition: 1, offset: 21 },
    ])
    expect(producer.bufferedBytes()).toBe(0)
    expect(script.count('initProducerId')).toBe(1)
    expect(await producer.flush()).toEqual([])
  })

  test('a full batch goes out without a flush; a half-full one waits', async () => {
    const { append, next, script } = await producing({ a: [1] }, { batchMaxBytes: 550 })
    append('a', 0, 'x'.repeat(200))
    await settle()
    expect(script.count('produce')).toBe(0)
    append('a', 0, 'x'.repeat(200))
    append('a', 0, 'x'.repeat(200))
    expect(written(await next())).toMatchObject([{ recordCount: 2, baseSequence: 0 }])
  })

  test('one batch of a partition is under way; the next has the sequence after it', async () => {
    const { append, next, script } = await producing({ a: [1] }, { batchMaxBytes: 120 })
    for (let i = 0; i < 4; i++) append('a', 0, 'x'.repeat(100))
    const first = await next()
    await settle()
    expect(script.waiting('produce')).toBe(0)
    answer(first, () => ({ baseOffset: 0 }))
    expect(written(await next())).toMatchObject([{ baseSequence: 1 }])
  })

  test('what is closed in the turn it was appended in is not sent', async () => {
    const { append, next, producer, script } = await producing(
      { a: [1, 1] },
      { batchMaxBytes: 120 },
    )
    append('a', 0, 'x'.repeat(100))
    await next()
    append('a', 1, 'x'.repeat(100))
    const closed = producer.close()
    await settle()
    expect(script.waiting('produce')).toBe(0)
    await closed
  })

  test('at most five requests to a leader are under way', async () => {
    const { append, next, script } = await producing(
      { a: Array(8).fill(1) },
      { batchMaxBytes: 120 },
    )
    append('a', 0, 'x'.repeat(100))
    const first = await next()
    // Each in a turn of its own: what is sealed in one turn goes out in one request.
    for (let partition = 1; partition < 8; partition++) {
      append('a', partition, 'x'.repeat(100))
      await settle()
    }
    expect(script.waiting('produce')).toBe(4)
    answer(first, () => ({ baseOffset: 0 }))
    for (let i = 0; i < 4; i++) await next()
    expect(written(await next()).map(({ at }) => at)).toEqual(['a[5]', 'a[6]', 'a[7]'])
  })

  test('a batch over the limit of its topic goes out in halves, and later ones are small at once', async () => {
    const { producer, append, next } = await producing({ a: [1] })
    const appendFour = () => {
      for (let i = 0; i < 4; i++) append('a', 0, String(i).repeat(1_000), 1_000 + i)
    }
    appendFour()
    const flushed = producer.flush()
    answer(await next(), () => ({ code: kafkaError.MESSAGE_TOO_LARGE }))
    for (const baseSequence of [0, 2]) {
      const half = await next()
      expect(written(half)).toMatchObject([{ recordCount: 2, baseSequence, producerId: 7 }])
      expect(records(half)).toEqual([
        [String(baseSequence).repeat(1_000), 1_000 + baseSequence],
        [String(baseSequence + 1).repeat(1_000), 1_001 + baseSequence],
      ])
      answer(half, () => ({ baseOffset: baseSequence }))
    }
    expect(await flushed).toEqual([{ topic: 'a', partition: 0, offset: 4 }])
    expect(producer.bufferedBytes()).toBe(0)

    appendFour()
    const [second] = written(await next())
    expect(second?.recordCount).toBeLessThan(4)
  })

  test('a single record over the limit of its topic fails the producer', async () => {
    const { producer, append, next, script } = await producing({ a: [1] })
    append('a', 0)
    append('a', 0)
    const failed = rejection(producer.flush())
    for (let i = 0; i < 2; i++) answer(await next(), () => ({ code: kafkaError.MESSAGE_TOO_LARGE }))
    expect(String(await failed)).toMatch(/MILLRACE_KAFKA_RECORD_REFUSED.*a\[0\]: MESSAGE_TOO_LARGE/)
    await settle()
    expect(script.waiting('produce')).toBe(0)
  })

  test('records over the limit or without a possible time are refused at once', async () => {
    const { append } = await producing({ a: [1] }, { recordMaxBytes: 1_000 })
    expect(() => append('a', 0, 'x'.repeat(1_001))).toThrow(/a\[0\].*1000 are allowed/)
    expect(() => append('a', 0, 'v', -5)).toThrow(/timestamp -5/)
    expect(() => append('a', 0, 'v', Number.NaN)).toThrow(/timestamp NaN/)
  })

  test('a sequence wraps to 0 after 2,147,483,647', async () => {
    const { PartitionQueue } = await import('./partition-queue.ts')
    const { sequenceAfter } = await import('./producer-identity.ts')
    expect(sequenceAfter(2 ** 31 - 1, 1)).toBe(0)
    expect(sequenceAfter(2 ** 31 - 3, 5)).toBe(2)
    const queue = new PartitionQueue('a', 0, false)
    queue.identify({ producerId: 7, producerEpoch: 0 }, 2 ** 31 - 2)
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 3; j++) queue.append(null, null, 0, noHeaders)
      queue.seal(0)
    }
    expect(queue.batches.map(({ sequence }) => sequence)).toEqual([2 ** 31 - 2, 1])
  })
})

describe('repeating', () => {
  test('after a lost answer the same bytes go out again', async () => {
    const { producer, append, next, clock } = await producing({ a: [1] })
    append('a', 0)
    const flushed = producer.flush()
    const lost = await next()
    const sent = bytes(lost)
    lost.fail(connectionLost())
    await clock.advance(20)
    const again = await next()
    expect(bytes(again)).toEqual(sent)
    answer(again, () => ({ baseOffset: 4 }))
    expect(await flushed).toEqual([{ topic: 'a', partition: 0, offset: 5 }])
  })

  test('a batch whose leader moved goes to the new leader, and the batch of another partition is not repeated', async () => {
    const { producer, append, next, clock, leaders } = await producing({ a: [1, 1] })
    append('a', 0)
    append('a', 1)
    const flushed = producer.flush()
    const first = await next()
    const [moved] = bytes(first)
    leaders.a = [2, 1]
    answer(first, (at) =>
      at === 'a[0]' ? { code: kafkaError.NOT_LEADER_OR_FOLLOWER } : { baseOffset: 8 },
    )
    await clock.advance(20)
    const again = await next()
    expect(again.args[0]).toBe(2)
    expect(bytes(again)).toEqual([moved])
    answer(again, () => ({ baseOffset: 0 }))
    expect(await flushed).toHaveLength(2)
  })

  test('the batches behind a failed one wait for it', async () => {
    const { append, next, script, clock } = await producing({ a: [1] }, { batchMaxBytes: 120 })
    for (let i = 0; i < 3; i++) append('a', 0, 'x'.repeat(100))
    ;(await next()).fail(connectionLost())
    await settle()
    expect(script.waiting('produce')).toBe(0)
    await clock.advance(20)
    expect(written(await next())).toMatchObject([{ baseSequence: 0 }])
  })

  test('a repetition that the broker knows already counts as written; the log end stands for its offset', async () => {
    const { producer, append, next, script } = await producing({ a: [1] })
    script.always('listOffsets', (_, { partitions }) =>
      partitions.map(({ topic, partition }) => ({
        topic,
        partition,
        errorCode: 0,
        offset: 99,
        timestampMs: -1,
      })),
    )
    append('a', 0)
    const flushed = producer.flush()
    answer(await next(), () => ({ code: kafkaError.DUPLICATE_SEQUENCE_NUMBER }))
    expect(await flushed).toEqual([{ topic: 'a', partition: 0, offset: 99 }])
  })

  test('ends with the delivery time-out, which names the partition and the last error', async () => {
    const { producer, append, script, clock } = await producing(
      { a: [1] },
      { deliveryTimeoutMs: 5_000 },
    )
    script.always('produce', () => {
      throw connectionLost()
    })
    append('a', 0)
    const flushed = rejection(producer.flush())
    await clock.advance(5_000)
    const error = await flushed
    expect(error).toMatchObject({
      code: 'MILLRACE_KAFKA_DELIVERY_TIMEOUT',
      cause: { code: 'MILLRACE_KAFKA_RETRIABLE' },
    })
    expect(error.message).toContain('a[0]')
    const attempts = script.count('produce')
    expect(attempts).toBeGreaterThan(3)
    await clock.advance(10_000)
    expect(script.count('produce')).toBe(attempts)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('refusals', () => {
  test('of the record are not repeated: the error names topic, partition and cause', async () => {
    const codes = [
      kafkaError.MESSAGE_TOO_LARGE,
      kafkaError.INVALID_TIMESTAMP,
      kafkaError.INVALID_RECORD,
    ]
    for (const code of codes) {
      const { producer, append, next, script, clock } = await producing({ a: [1, 1] })
      append('a', 0)
      append('a', 1)
      const flushed = rejection(producer.flush())
      answer(await next(), (at) => (at === 'a[1]' ? { code } : { baseOffset: 0 }))
      const error = await flushed
      expect(error).toMatchObject({
        code: 'MILLRACE_KAFKA_RECORD_REFUSED',
        recovery: 'dead-letter',
      })
      expect(error.message).toMatch(/a\[1\].*\(\d+\)/)
      await clock.advance(10_000)
      expect(script.count('produce')).toBe(1)
      expect(() => append('a', 0)).toThrow(error)
    }
  })

  test('a lost sequence at the first attempt is mended by the next epoch, from sequence 0', async () => {
    const { producer, append, next } = await producing({ a: [1, 1] })
    append('a', 0)
    append('a', 1)
    const flushed = producer.flush()
    answer(await next(), () => ({ baseOffset: 0 }))
    await flushed

    append('a', 0)
    append('a', 1)
    const second = producer.flush()
    answer(await next(), (at) =>
      at === 'a[0]' ? { code: kafkaError.UNKNOWN_PRODUCER_ID } : { baseOffset: 1 },
    )
    const mended = await next()
    expect(written(mended)).toEqual([
      { at: 'a[0]', producerId: 7, producerEpoch: 1, baseSequence: 0, recordCount: 1 },
    ])
    answer(mended, () => ({ baseOffset: 1 }))
    await second

    append('a', 1)
    void producer.flush()
    expect(written(await next())).toMatchObject([{ at: 'a[1]', producerEpoch: 1, baseSequence: 0 }])
  })

  test('a lost sequence after a lost answer fails: the batch may be in the log', async () => {
    const { producer, append, next, clock } = await producing({ a: [1] })
    append('a', 0)
    const flushed = rejection(producer.flush())
    ;(await next()).fail(connectionLost())
    await clock.advance(20)
    answer(await next(), () => ({ code: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER }))
    expect(await flushed).toMatchObject({ code: 'MILLRACE_KAFKA_ABORTABLE' })
  })

  test('a batch under way keeps its bytes when the epoch rises; the next one has the new epoch', async () => {
    const { append, next, clock } = await producing({ a: [1, 2] }, { batchMaxBytes: 120 })
    append('a', 1, 'x'.repeat(100))
    const other = await next()
    const sent = bytes(other)
    append('a', 1, 'x'.repeat(100))
    append('a', 0, 'x'.repeat(100))
    answer(await next(), () => ({ code: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER }))
    expect(written(await next())).toMatchObject([{ at: 'a[0]', producerEpoch: 1, baseSequence: 0 }])
    other.fail(connectionLost())
    await clock.advance(20)
    const again = await next()
    expect(bytes(again)).toEqual(sent)
    answer(again, () => ({ baseOffset: 0 }))
    expect(written(await next())).toMatchObject([{ at: 'a[1]', producerEpoch: 1, baseSequence: 0 }])
  })

  test('a producer id that cannot be had fails the flush', async () => {
    const { producer, append, script } = await producing({ a: [1] })
    script.always('initProducerId', () => ({
      errorCode: kafkaError.CLUSTER_AUTHORIZATION_FAILED,
      producerId: -1,
      producerEpoch: -1,
    }))
    append('a', 0)
    await expect(producer.flush()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_AUTHORIZATION' })
  })
})

test('a closed producer rejects a flush under way and leaves no timer', async () => {
  const { producer, append, next, clock } = await producing({ a: [1] })
  append('a', 0)
  const flushed = producer.flush()
  await next()
  await producer.close()
  await expect(flushed).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_CLOSED' })
  expect(clock.pendingTimers).toBe(0)
})
