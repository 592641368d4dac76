import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { memoryBackends } from '@millrace/runtime'
import { noFaults } from '@millrace/simulation'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'
import { allCounts, countByWindow, feed, finalCounts, type Input } from './oracle.ts'

const windowMs = 10_000

const counting = topology((t) => {
  t.stream('in', { key: string, value: string })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '1h' }))
    .count({ name: 'counts', everyUpdate: true })
    .to('out')
})

function world(): World {
  const made = new World(counting)
  for (const topic of ['in', 'out']) made.cluster.createTopic(topic, { partitionCount: 4 })
  return made
}

/** Eight keys, two a partition, a record each 100 ms of event time. */
function inputOf(from: number, to: number): readonly Input[] {
  return Array.from({ length: to - from }, (_, n) => {
    const i = from + n
    return { partition: i % 4, key: `k${i % 8}`, timestampMs: i * 100 }
  })
}

test('a second worker takes half of the tasks over, in good order', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf(0, 400))
  await it.clock.advance(1_500)
  const two = it.start()
  // The group takes its time, and records go on being processed meanwhile.
  it.cluster.faults = {
    before: ({ api }) => (api === 'syncGroup' ? { kind: 'delay', delayMs: 500 } : undefined),
  }
  for (let n = 400; n < 800; n += 4) {
    feed(it.cluster, 'in', inputOf(n, n + 4))
    await it.clock.advance(60)
  }
  await it.until(() => one.worker.tasks().length === 2 && two.worker.tasks().length === 2)
  await it.untilConsumed('in', 4)
  await it.stop(one, two)
  expect([one.worker.error, two.worker.error]).toEqual([null, null])
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(inputOf(0, 800), windowMs))
  // Handed over by a commit, restored from the changelog: nothing was processed twice.
  const updates = [...allCounts(it.cluster, 'out').values()].flat().length
  expect(updates).toBe(800)
  expect(
    counted(two.counters, 'millrace_restore_records_total', { store: 'counts' }),
  ).toBeGreaterThan(0)
})

test("a killed worker's tasks go to the other, which restores from the changelog", async () => {
  const it = world()
  const one = it.start()
  const two = it.start()
  await it.until(() => one.worker.tasks().length === 2 && two.worker.tasks().length === 2)
  feed(it.cluster, 'in', inputOf(0, 400))
  await it.clock.advance(700)
  await one.kill()
  feed(it.cluster, 'in', inputOf(400, 800))
  await it.until(() => two.worker.tasks().length === 4)
  await it.untilConsumed('in', 4)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(inputOf(0, 800), windowMs))
})

test('a worker whose state was deleted restores it and goes on', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf(0, 400))
  await it.untilConsumed('in', 4)
  await it.stop(one)
  const two = it.start()
  await it.untilRunning(two)
  feed(it.cluster, 'in', inputOf(400, 410))
  await it.untilConsumed('in', 4)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(inputOf(0, 410), windowMs))
})

test('a worker that keeps its disk restores nothing', async () => {
  const it = world()
  const backends = memoryBackends()
  const one = it.start({ backends })
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf(0, 400))
  await it.untilConsumed('in', 4)
  await it.stop(one)
  const two = it.start({ backends })
  await it.untilRunning(two)
  feed(it.cluster, 'in', inputOf(400, 500))
  await it.untilConsumed('in', 4)
  await it.stop(two)
  expect(counted(two.counters, 'millrace_restore_records_total', { store: 'counts' })).toBe(0)
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(inputOf(0, 500), windowMs))
})

test('a zombie that comes back commits nothing of what others own by then', async () => {
  const it = world()
  const one = it.start()
  const two = it.start()
  await it.until(() => one.worker.tasks().length === 2 && two.worker.tasks().length === 2)
  // The first one reaches no broker but to fetch, for longer than its session.
  it.cluster.faults = {
    before: (call) =>
      call.clientId === 'worker-0' && call.api !== 'fetch' ? { kind: 'disconnect' } : undefined,
  }
  feed(it.cluster, 'in', inputOf(0, 400))
  await it.until(() => two.worker.tasks().length === 4)
  it.cluster.faults = noFaults
  await it.untilConsumed('in', 4)
  await it.until(() => one.worker.tasks().length === 2 && two.worker.tasks().length === 2)
  await it.stop(one, two)
  expect([one.worker.error, two.worker.error]).toEqual([null, null])
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(inputOf(0, 400), windowMs))
})
