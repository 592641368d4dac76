import { topology } from '@millrace/dsl'
import { headerText, string } from '@millrace/record'
import type { CommitStep } from '@millrace/runtime'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, type TestWorker, type TestWorkerOptions, World } from './fixture.ts'

const minuteMs = 60_000

const perMinute = topology((t) => {
  t.stream('in', {
    key: string,
    value: string,
    nullValues: 'drop',
    maxFutureSkew: '10m',
    name: 'in',
  })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m' }))
    .count({ name: 'counts', late: 'late' })
    .to('out')
})

function world(topicConfig?: string): World {
  const it = new World(perMinute)
  for (const topic of ['in', 'out', 'late', 'dead']) {
    it.cluster.createTopic(topic, { partitionCount: 1 })
    if (topicConfig) it.cluster.setTopicConfig(topic, 'message.timestamp.after.max.ms', topicConfig)
  }
  return it
}

const endless = '9223372036854775807'

function put(it: World, key: string, aheadMs: number): void {
  const timestampMs = it.clock.nowMs() + aheadMs
  it.cluster.append('in', 0, { key: Buffer.from(key), value: Buffer.from('v'), timestampMs })
}

async function run(it: World, options: TestWorkerOptions = {}): Promise<TestWorker> {
  const one = it.start({ deadLetterTopic: 'dead', ...options })
  await it.untilRunning(one)
  return one
}

const keysOf = (it: World, topic: string): string[] =>
  it.cluster.readAll(topic).map(({ key }) => String(key).replace(/[^a-z].*/s, ''))

const decisions = (it: World): { kind: string; positions: { offset: number }[] }[] =>
  it.cluster.readAll('app-decisions').map(({ value }) => JSON.parse(String(value)))

test('a record further ahead of the clock than the bound is set aside before it moves time', async () => {
  //  now ---------- +10m ------- +1y
  //   a   c          b (allowed)  x (set aside)
  const it = world(endless)
  for (const [key, aheadMs] of [
    ['a', 0],
    ['x', 365 * 24 * 60 * minuteMs],
    ['c', 1_000],
    ['b', 10 * minuteMs],
  ] as const)
    put(it, key, aheadMs)
  const one = await run(it)
  await it.untilConsumed('in', 1)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(it.cluster.readAll('late')).toEqual([])
  expect(keysOf(it, 'dead')).toEqual(['x'])
  const [letter] = it.cluster.readAll('dead')
  expect(headerText(letter?.headers ?? [], 'millrace.dlq.code')).toBe(
    'MILLRACE_RUNTIME_RECORD_AHEAD',
  )
  expect(keysOf(it, 'out').toSorted()).toEqual(['a', 'b', 'c'])
  expect(decisions(it)).toMatchObject([{ kind: 'ahead', positions: [{ topic: 'in', offset: 1 }] }])
})

test('without a dead-letter topic it is left out, and counted with its reason', async () => {
  const it = world(endless)
  put(it, 'x', 20 * minuteMs)
  put(it, 'a', 0)
  const one = await run(it, { deadLetterTopic: undefined })
  await it.untilConsumed('in', 1)
  const labels = { operator: 'in', reason: 'ahead-of-clock', lane: 'live' }
  expect(counted(one.counters, 'millrace_records_dropped_total', labels)).toBe(1)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(keysOf(it, 'out')).toEqual(['a'])
})

test.each<CommitStep>(['offsets', 'commit', 'apply'])(
  'at least once, what was decided before a crash at %s is decided so again, whatever the clock says',
  async (crashStep) => {
    const it = world(endless)
    put(it, 'x', 20 * minuteMs)
    put(it, 'a', 0)
    let isArmed = true
    const one = await run(it, {
      guarantee: 'at_least_once',
      onCrashPoint(step) {
        if (!isArmed || step !== crashStep) return
        isArmed = false
        void one.kill()
        throw new Error('crash')
      },
    })
    await it.until(() => !isArmed)
    // By now the record is not ahead any more.
    await it.clock.advance(15 * minuteMs)
    const two = await run(it, { guarantee: 'at_least_once' })
    await it.untilConsumed('in', 1)
    await it.stop(two)
    expect(two.worker.error).toBe(null)
    expect(new Set(keysOf(it, 'dead'))).toEqual(new Set(['x']))
    expect(new Set(keysOf(it, 'out'))).toEqual(new Set(['a']))
    expect(it.cluster.readAll('late')).toEqual([])
  },
)
