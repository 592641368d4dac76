import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'
import { countByWindow, feed, finalCounts, type Input } from './oracle.ts'

const minuteMs = 60_000

const rekeyed = topology((t) => {
  t.stream('in', { key: string, value: string, nullValues: 'drop' })
    .groupBy((value) => value, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '1m', grace: '0s' }))
    .count({ name: 'counts', late: 'late' })
    .to('out')
})

function world(): World {
  const made = new World(rekeyed)
  for (const topic of ['in', 'out', 'late']) made.cluster.createTopic(topic, { partitionCount: 4 })
  return made
}

/** Each partition in order of time: four records a minute, keys that all partitions share. */
function inputOf(partitions: readonly number[], minutes: number): readonly Input[] {
  return Array.from({ length: minutes }, (_, minute) =>
    partitions.flatMap((partition) =>
      Array.from({ length: 4 }, (__, quarter) => ({
        partition,
        key: `w${(minute + quarter) % 5}`,
        timestampMs: minute * minuteMs + quarter * 15_000,
      })),
    ),
  ).flat()
}

test('the reader of one of four partitions held back for an hour of event time changes no result', async () => {
  const it = world()
  const input = inputOf([0, 1, 2, 3], 120)
  const one = it.start()
  await it.untilRunning(one)
  await it.clock.run(one.worker.pausePartitions([{ topic: 'in', partition: 3 }]))
  feed(it.cluster, 'in', input)
  await it.until(() => [0, 1, 2].every((p) => it.cluster.committedOffset('app', 'in', p) === 480))
  await it.clock.advance(2 * minuteMs)
  expect(it.cluster.committedOffset('app', 'in', 3)).toBeLessThanOrEqual(0)

  await it.clock.run(one.worker.resumePartitions([{ topic: 'in', partition: 3 }]))
  await it.untilConsumed('in', 4)
  await it.clock.advance(10_000)
  await it.stop(one)

  expect(one.worker.error).toBe(null)
  expect(it.cluster.readAll('late')).toEqual([])
  expect(finalCounts(it.cluster, 'out')).toEqual(countByWindow(input, minuteMs))
})

test('an empty fourth partition does not keep windows from closing', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf([0, 1, 2], 10))
  await it.clock.advance(30_000)
  const downstream = () => one.worker.tasks().filter(({ name }) => name.startsWith('1_'))
  // The fourth task is not proven silent for a minute yet: nobody may close anything.
  expect(downstream().map(({ time }) => time.streamTimeMs)).toEqual([-1, -1, -1, -1])

  await it.clock.advance(90_000)
  const lastMs = 9 * minuteMs + 45_000
  expect(downstream().map(({ time }) => time.streamTimeMs)).toEqual([
    lastMs,
    lastMs,
    lastMs,
    lastMs,
  ])
  expect(it.cluster.readAll('app-decisions').length).toBeGreaterThan(0)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
})

test('a held partition is never taken for a silent one', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  await it.clock.run(one.worker.pausePartitions([{ topic: 'in', partition: 3 }]))
  feed(it.cluster, 'in', inputOf([0, 1, 2], 10))
  await it.clock.advance(3 * minuteMs)
  const times = one.worker
    .tasks()
    .filter(({ name }) => name.startsWith('1_'))
    .map(({ time }) => time.streamTimeMs)
  expect(times).toEqual([-1, -1, -1, -1])
  await it.stop(one)
})

test('a restart decides late records as the run before it would have', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf([0, 1, 2, 3], 10))
  await it.clock.advance(10_000)
  const before = one.worker
    .tasks()
    .filter(({ name }) => name.startsWith('1_'))
    .map(({ time }) => time.streamTimeMs)
  expect(before).toEqual([585_000, 585_000, 585_000, 585_000])
  await it.stop(one)

  // Neither the disk nor the process is the same: the changelog carries the time.
  const two = it.start()
  await it.untilRunning(two)
  await it.until(() => two.worker.tasks().length === 8)
  const after = two.worker.tasks().filter(({ name }) => name.startsWith('1_'))
  expect(after.map(({ time }) => time.streamTimeMs)).toEqual(before)
  feed(it.cluster, 'in', [{ partition: 0, key: 'w1', timestampMs: 1_000 }])
  await it.clock.advance(5_000)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  expect(it.cluster.readAll('late').map(({ key }) => key?.toString())).toEqual(['w1'])
  const labels = { outcome: 'side', lane: 'live' }
  const operators = [...two.counters.series()].filter(
    ({ metric }) => metric === 'millrace_records_late_total',
  )
  const late = operators.map((series) =>
    counted(two.counters, series.metric, { ...labels, ...series.labels }),
  )
  expect(late.reduce((sum, value) => sum + value, 0)).toBe(1)
})
