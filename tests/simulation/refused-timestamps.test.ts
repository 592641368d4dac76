import { topology } from '@millrace/dsl'
import { headerText, string } from '@millrace/record'
import type { Clock } from '@millrace/time'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'

const hourMs = 3_600_000

/** Copies, sent at once, and sums, sent with the commit. */
const copies = topology((t) => {
  const lines = t.stream('in', { key: string, value: string, nullValues: 'drop' })
  lines.to('out')
  lines
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '9999d' }))
    .count({ name: 'counts' })
    .to('counts')
})

function world(): World {
  const it = new World(copies)
  for (const topic of ['in', 'out', 'counts', 'dead'])
    it.cluster.createTopic(topic, { partitionCount: 2 })
  it.cluster.setTopicConfig('in', 'message.timestamp.after.max.ms', '9223372036854775807')
  return it
}

function put(it: World, key: string, aheadMs: number): void {
  const timestampMs = it.clock.nowMs() + aheadMs
  it.cluster.append('in', 0, { key: Buffer.from(key), value: Buffer.from(key), timestampMs })
}

const keys = (it: World, topic: string): string[] =>
  it.cluster
    .readAll(topic)
    .map(({ value }) => String(value))
    .toSorted()

test('a worker whose clock is hours behind dead-letters no record that the broker takes', async () => {
  const it = world()
  const clock: Clock = {
    nowMs: () => it.clock.nowMs() - 5 * hourMs,
    monotonicMs: () => it.clock.monotonicMs(),
    setTimer: (delayMs, onDue) => it.clock.setTimer(delayMs, onDue),
  }
  for (const key of ['a', 'b', 'c']) put(it, key, 0)
  const one = it.start({ clock, deadLetterTopic: 'dead' })
  await it.untilConsumed('in', 2)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(keys(it, 'out')).toEqual(['a', 'b', 'c'])
  expect(it.cluster.readAll('dead')).toEqual([])
})

test.each(['exactly_once', 'at_least_once'] as const)(
  'of a batch that the broker refuses, the records that it names are dead letters, and no other (%s)',
  async (guarantee) => {
    const it = world()
    for (let number = 0; number < 40; number++)
      put(it, `${number}`, number % 13 === 5 ? 2 * hourMs + number : number)
    const one = it.start({ guarantee, deadLetterTopic: 'dead' })
    await it.untilConsumed('in', 2)
    await it.stop(one)
    expect(one.worker.error).toBe(null)
    // At least once, letters of a commit that the broker refused may be out already.
    const once = (topic: string): string[] => {
      const all = keys(it, topic)
      return guarantee === 'exactly_once' ? all : [...new Set(all)]
    }
    expect(once('dead')).toEqual(['18', '31', '5'])
    const [letter] = it.cluster.readAll('dead')
    expect(headerText(letter?.headers ?? [], 'millrace.dlq.code')).toBe(
      'MILLRACE_KAFKA_RECORD_REFUSED',
    )
    expect(once('out')).toHaveLength(37)
  },
)

test('without a dead-letter topic the worker stops, and names the record', async () => {
  const it = world()
  put(it, 'a', 0)
  put(it, 'b', 2 * hourMs)
  const one = it.start()
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_KAFKA_RECORD_REFUSED.*in\[0\]@1/)
})
