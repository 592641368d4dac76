import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { answered, fetching, positions, records, requestOf } from '../testing/fetching.ts'
import { partitionAnswer } from '../testing/log.ts'
import { rejection } from '../testing/rejection.ts'
import { connectionLost, settle } from '../testing/scripted-transport.ts'

describe('errors of a partition', () => {
  test('a leader that moved is found by metadata, without a word to the reader', async () => {
    const { fetcher, next, leaders, clock } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 4 }])
    const first = await next()
    leaders.t = [2]
    first.answer(
      answered(partitionAnswer('t', 0, { errorCode: kafkaError.NOT_LEADER_OR_FOLLOWER })),
    )
    await clock.advance(20)
    const second = await next()
    expect([second.args[0], positions(second)]).toEqual([2, ['t[0]@4']])
    expect(await fetcher.poll(0)).toEqual([])
  })

  test('a leader of another epoch than the one in the request is found by metadata (KIP-320)', async () => {
    const { fetcher, next, clock } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 4 }])
    for (const errorCode of [kafkaError.FENCED_LEADER_EPOCH, kafkaError.UNKNOWN_LEADER_EPOCH]) {
      const asked = await next()
      expect(requestOf(asked).partitions).toMatchObject([{ leaderEpoch: 3, offset: 4 }])
      asked.answer(answered(partitionAnswer('t', 0, { errorCode })))
      await clock.advance(20)
    }
    expect(positions(await next())).toEqual(['t[0]@4'])
    expect(await fetcher.poll(0)).toEqual([])
  })

  test('a lost connection is retried after a growing pause', async () => {
    const { fetcher, next, script, clock } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 4 }])
    ;(await next()).fail(connectionLost())
    await settle()
    expect(script.waiting('fetch')).toBe(0)
    await clock.advance(20)
    ;(await next()).fail(connectionLost())
    await clock.advance(20)
    expect(script.waiting('fetch')).toBe(0)
    await clock.advance(20)
    expect(positions(await next())).toEqual(['t[0]@4'])
  })

  test('an offset out of range is thrown with the log start and end, again and again, and never moved', async () => {
    const { fetcher, next, script } = await fetching({ t: [1] })
    script.always('listOffsets', (_, { partitions }) =>
      partitions.map(({ topic, partition, timestampMs }) => ({
        topic,
        partition,
        errorCode: 0,
        offset: timestampMs === -2 ? 100 : 250,
        timestampMs: -1,
      })),
    )
    fetcher.assign([{ topic: 't', partition: 0, offset: 7 }])
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { errorCode: kafkaError.OFFSET_OUT_OF_RANGE })),
    )
    for (let i = 0; i < 2; i++) {
      const error = await rejection(fetcher.poll(1_000))
      expect(error.code).toBe('MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE')
      expect(error.at).toEqual({ topic: 't', partition: 0, offset: 7 })
      expect(error.message).toContain('starts at 100 and ends at 250')
    }
    fetcher.add([{ topic: 't', partition: 0, offset: 100 }])
    expect(positions(await next())).toEqual(['t[0]@100'])
  })

  test('data fetched before the position went out of range is polled first', async () => {
    const { fetcher, next, script } = await fetching({ t: [1] })
    script.always('listOffsets', (_, { partitions }) =>
      partitions.map((asked) => ({ ...asked, errorCode: 0, offset: 0, timestampMs: -1 })),
    )
    fetcher.assign([{ topic: 't', partition: 0, offset: 7 }])
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: records(7, 'a') })))
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { errorCode: kafkaError.OFFSET_OUT_OF_RANGE })),
    )
    await settle()
    expect(await fetcher.poll(0)).toMatchObject([{ offset: 7 }])
    await expect(fetcher.poll(0)).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE',
    })
  })

  test('an offset that is in range after all is fetched again', async () => {
    const { fetcher, next, script, clock } = await fetching({ t: [1] })
    script.always('listOffsets', (_, { partitions }) =>
      partitions.map(({ topic, partition, timestampMs }) => ({
        topic,
        partition,
        errorCode: 0,
        offset: timestampMs === -2 ? 0 : 10,
        timestampMs: -1,
      })),
    )
    fetcher.assign([{ topic: 't', partition: 0, offset: 7 }])
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { errorCode: kafkaError.OFFSET_OUT_OF_RANGE })),
    )
    await clock.advance(100)
    expect(positions(await next())).toEqual(['t[0]@7'])
  })

  test('a topic that stays missing is thrown from poll', async () => {
    const { fetcher, clock } = await fetching({})
    fetcher.assign([{ topic: 'gone', partition: 0, offset: 0 }])
    await clock.advance(15_000)
    await expect(fetcher.poll(0)).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_TOPIC_MISSING' })
  })

  test('a topic that may not be read is thrown from poll', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { errorCode: kafkaError.TOPIC_AUTHORIZATION_FAILED })),
    )
    await expect(fetcher.poll(1_000)).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_AUTHORIZATION',
    })
  })
})

describe('closing', () => {
  test('wakes a poll, and an answer that comes later goes nowhere', async () => {
    const { fetcher, next, script } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const call = await next()
    const poll = fetcher.poll(60_000)
    await fetcher.close()
    expect(await poll).toEqual([])
    call.answer(answered(partitionAnswer('t', 0, { records: records(0, 'a') })))
    await settle()
    expect(script.waiting('fetch')).toBe(0)
    await expect(fetcher.poll(0)).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_CLOSED' })
  })
})
