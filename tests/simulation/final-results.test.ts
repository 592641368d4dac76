import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'
import { allCounts, countByWindow, feed, type Input } from './oracle.ts'

const minuteMs = 60_000

const finals = topology((t) => {
  t.stream('in', { key: string, value: string, nullValues: 'drop' })
    .groupBy((value) => value, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '1m' }))
    .count({ name: 'counts', emit: 'final', late: 'late' })
    .to('out')
})

function world(): World {
  const made = new World(finals)
  for (const topic of ['in', 'out', 'late']) made.cluster.createTopic(topic, { partitionCount: 4 })
  return made
}

/** Each partition in order of time: four records a minute, of words that all partitions share. */
function inputOf(fromMinute: number, toMinute: number): readonly Input[] {
  const minutes = Array.from({ length: toMinute - fromMinute }, (_, n) => fromMinute + n)
  return minutes.flatMap((minute) =>
    [0, 1, 2, 3].flatMap((partition) =>
      [0, 1, 2, 3].map((quarter) => ({
        partition,
        key: `w${(minute + quarter) % 5}`,
        timestampMs: minute * minuteMs + quarter * 15_000,
      })),
    ),
  )
}

/** Moves time on in every partition, so that all windows before it close. */
function end(atMinute: number): readonly Input[] {
  return [0, 1, 2, 3].map((partition) => {
    return { partition, key: 'end', timestampMs: atMinute * minuteMs }
  })
}

/** Every window of the input but the last, in which nothing but `end` is. */
function expected(input: readonly Input[]): ReadonlyMap<string, readonly number[]> {
  return new Map([...countByWindow(input, minuteMs)].map(([id, count]) => [id, [count]]))
}

test('behind a repartition, one result a window: the count of all partitions', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  const input = inputOf(0, 30)
  feed(it.cluster, 'in', [...input, ...end(100)])
  await it.untilConsumed('in', 4)
  await it.clock.advance(10_000)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(it.cluster.readAll('late')).toEqual([])
  expect(new Map(allCounts(it.cluster, 'out'))).toEqual(expected(input))
})

test('a killed worker loses no result and changes none: the other may only say one again', async () => {
  const it = world()
  const [one, two] = [it.start(), it.start()]
  await it.until(() => one.worker.tasks().length > 0 && two.worker.tasks().length > 0)
  feed(it.cluster, 'in', inputOf(0, 15))
  await it.clock.advance(700)
  await one.kill()
  feed(it.cluster, 'in', [...inputOf(15, 30), ...end(100)])
  await it.until(() => two.worker.tasks().length === 8)
  await it.untilConsumed('in', 4)
  await it.clock.advance(20_000)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  const once = [...allCounts(it.cluster, 'out')].map(([id, counts]) => [id, [...new Set(counts)]])
  expect(new Map(once as never)).toEqual(expected(inputOf(0, 30)))
})

test('time that a marker brings closes windows of a task that no record reaches any more', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  // All words of minute 0 are w0: one of the four tasks downstream has them; `end` goes elsewhere.
  const input = [0, 1, 2, 3].map((partition) => ({ partition, key: 'w0', timestampMs: 0 }))
  feed(it.cluster, 'in', [...input, ...end(5)])
  await it.untilConsumed('in', 4)
  await it.clock.advance(10_000)
  await it.stop(one)
  expect([...allCounts(it.cluster, 'out')]).toEqual([['w0@0', [4]]])
})
