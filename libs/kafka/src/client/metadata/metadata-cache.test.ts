import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { Closing } from '../closing.ts'
import { ManualClock } from '../group/testing/manual-clock.ts'
import { metadataAnswer } from '../testing/fixture.ts'
import { connectionLost, ScriptedTransport, settle } from '../testing/scripted-transport.ts'
import { MetadataCache } from './metadata-cache.ts'

function cache() {
  const script = new ScriptedTransport()
  const clock = new ManualClock()
  const closing = new Closing()
  const metadata = new MetadataCache({ transport: script.transport, clock, closing })
  return { script, clock, closing, metadata, next: () => script.next('metadata') }
}

const leaders = { a: [1, 2], b: [2] }

describe('the metadata cache', () => {
  test('knows the leaders of the topics asked about', async () => {
    const { metadata, next } = cache()
    expect(metadata.leader('a', 1)).toBe(-1)
    const refreshed = metadata.refresh(['a'])
    const call = await next()
    expect(call.args).toEqual([['a']])
    call.answer(metadataAnswer(leaders, ['a']))
    await refreshed
    expect([metadata.leader('a', 1), metadata.leader('a', 9), metadata.leader('b', 0)]).toEqual([
      2, -1, -1,
    ])
    expect(metadata.brokerIds).toEqual([1, 2])
  })

  test('shares a request among those who ask for its topics, and asks for others after it', async () => {
    const { metadata, next, script } = cache()
    const both = metadata.refresh(['a', 'b'])
    const covered = metadata.refresh(['b'])
    const other = metadata.refresh(['c'])
    const first = await next()
    await settle()
    expect(script.count('metadata')).toBe(1)
    first.answer(metadataAnswer(leaders, ['a', 'b']))
    await Promise.all([both, covered])
    const second = await next()
    expect(second.args).toEqual([['c']])
    second.answer(metadataAnswer(leaders, ['c']))
    await other
  })

  test('refreshes in the background at once, then with growing pauses, and calmly again after a while', async () => {
    const { metadata, script, clock } = cache()
    const atMs: number[] = []
    script.always('metadata', (topics) => {
      atMs.push(clock.monotonicMs())
      return metadataAnswer(leaders, topics)
    })
    for (let i = 0; i < 4; i++) {
      metadata.refreshSoon('a')
      metadata.refreshSoon('b')
      await clock.advance(1_000)
    }
    for (let i = 0; i < 3; i++) {
      metadata.refreshSoon('a')
      await clock.advanceUntil(() => script.count('metadata') > 4 + i)
    }
    expect(atMs.slice(0, 4)).toEqual([0, 1_020, 2_040, 3_080])
    await clock.advance(6_000)
    metadata.refreshSoon('a')
    await clock.advance(0)
    expect(atMs.at(-1)).toBe(clock.monotonicMs())
  })

  test('goes on in the background until an answer comes', async () => {
    const { metadata, script, clock } = cache()
    let failures = 3
    script.always('metadata', (topics) => {
      if (failures-- > 0) throw connectionLost()
      return metadataAnswer(leaders, topics)
    })
    let told = 0
    metadata.onRefresh(() => told++)
    metadata.refreshSoon('a')
    await clock.advance(200)
    expect([metadata.leader('a', 0), told]).toEqual([1, 1])
  })

  test('calls a topic missing only after ten seconds of being told so', async () => {
    const { metadata, script, clock } = cache()
    script.always('metadata', (topics) => metadataAnswer(leaders, topics))
    await metadata.refresh(['gone'])
    expect(metadata.topicError('gone')).toBeNull()
    await clock.advance(10_000)
    await metadata.refresh(['gone'])
    expect(metadata.topicError('gone')).toMatchObject({ code: 'MILLRACE_KAFKA_TOPIC_MISSING' })
  })

  test('says at once that a topic may not be read', async () => {
    const { metadata, script } = cache()
    script.always('metadata', (topics) => ({
      ...metadataAnswer({}, []),
      topics: topics!.map((topic) => ({
        topic,
        errorCode: kafkaError.TOPIC_AUTHORIZATION_FAILED,
        partitions: [],
      })),
    }))
    await metadata.refresh(['a'])
    expect(metadata.topicError('a')).toMatchObject({ code: 'MILLRACE_KAFKA_AUTHORIZATION' })
  })

  test('asks no more once the client is closed', async () => {
    const { metadata, script, clock, closing } = cache()
    metadata.refreshSoon('a')
    closing.close()
    metadata.refreshSoon('b')
    await clock.advance(10_000)
    expect(script.count('metadata')).toBe(0)
    expect(clock.pendingTimers).toBe(0)
  })
})
