import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UpstreamTime } from './upstream-time.ts'

const writers = (count: number) =>
  Array.from({ length: count }, (_, partition) => ({
    topic: 'r',
    taskId: { subTopology: 0, partition },
  }))

test('time is that of the slowest writer, and unknown until all were heard', () => {
  const time = new UpstreamTime(writers(3))
  time.update(0, 100, false)
  time.update(1, 50, false)
  expect(time.streamTimeMs).toBe(-1)
  time.update(2, 70, false)
  expect(time.streamTimeMs).toBe(50)
  time.update(1, 90, false)
  expect(time.streamTimeMs).toBe(70)
})

test('an idle writer is not waited for, and is back with its next word', () => {
  const time = new UpstreamTime(writers(3))
  time.update(0, 100, false)
  time.update(1, 120, false)
  time.update(2, -1, true)
  expect(time.streamTimeMs).toBe(100)
  time.update(2, 105, false)
  time.update(0, 110, false)
  expect(time.streamTimeMs).toBe(105)
})

test('one that comes back behind the others does not take time back', () => {
  const time = new UpstreamTime(writers(2))
  time.update(0, 100, false)
  time.update(1, -1, true)
  time.update(1, 20, false)
  expect(time.streamTimeMs).toBe(100)
})

test('where all are idle time is the largest, whoever went silent first', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ] as const) {
    const time = new UpstreamTime(writers(2))
    time.update(0, 100, false)
    time.update(1, 200, false)
    for (const writer of order) time.update(writer, -1, true)
    expect(time.streamTimeMs).toBe(200)
  }
})

test('a snapshot carries everything over, and is made only where something changed', () => {
  const time = new UpstreamTime(writers(2))
  expect(time.takeSnapshot()).toBe(null)
  time.update(0, 100, false)
  time.update(1, 50, true)
  const snapshot = time.takeSnapshot()
  expect(time.takeSnapshot()).toBe(null)
  const later = new UpstreamTime(writers(2))
  later.restore(snapshot as Buffer)
  expect(later.streamTimeMs).toBe(100)
  expect(later.takeSnapshot()).toBe(null)
  later.update(1, 60, false)
  later.update(0, 110, false)
  expect(later.streamTimeMs).toBe(100)
  later.update(1, 105, false)
  expect(later.streamTimeMs).toBe(105)
})

test('where all are idle, an idle writer that still moves moves time', () => {
  const time = new UpstreamTime(writers(2))
  for (const writer of [0, 1]) time.update(writer, 0, true)
  time.update(0, 1, true)
  expect(time.streamTimeMs).toBe(1)
})

test('whatever is heard in whatever order, time is the minimum ever reached and never goes back', () => {
  const word = fc.record({ writer: fc.nat(3), timeMs: fc.nat(1_000), isIdle: fc.boolean() })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const time = new UpstreamTime(writers(4))
      const times = [-1, -1, -1, -1]
      const idle = [false, false, false, false]
      let reached = -1
      for (const { writer, timeMs, isIdle } of words) {
        times[writer] = Math.max(times[writer] as number, timeMs)
        idle[writer] = isIdle
        const awaited = times.filter((_, index) => !idle[index])
        reached = Math.max(
          reached,
          awaited.length === 0 ? Math.max(...times) : Math.min(...awaited),
        )
        time.update(writer, timeMs, isIdle)
        expect(time.streamTimeMs).toBe(reached)
      }
    }),
  )
})
