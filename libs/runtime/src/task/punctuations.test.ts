import type { Collector } from '@millrace/topology'
import { expect, test } from 'vitest'
import { Punctuations } from './punctuations.ts'

const collector: Collector = {
  release: (_key, _timestampMs, send) => send(),
  forward() {},
  forwardTo() {},
  late() {},
  drop() {},
}

/** Each call made as it is. */
function punctuationsOf(): Punctuations {
  return new Punctuations((call, nowMs) => call.punctuate(nowMs, call.collector))
}

test('by stream time: with the first record, then once for each multiple that was passed', () => {
  const punctuations = punctuationsOf()
  const calls: number[] = []
  punctuations.add({ everyMs: 10, by: 'stream-time' }, -1, collector, (nowMs) => calls.push(nowMs))
  for (const at of [42, 42, 51, 52, 61, 65, 71, 72, 95, 101, 102]) punctuations.streamTime(at)
  expect(calls).toEqual([42, 51, 61, 71, 95, 101])
})

test('by stream time that was kept through a restart: not before the next multiple', () => {
  const punctuations = punctuationsOf()
  const calls: number[] = []
  punctuations.add({ everyMs: 10, by: 'stream-time' }, 42, collector, (nowMs) => calls.push(nowMs))
  for (const at of [42, 49, 50]) punctuations.streamTime(at)
  expect(calls).toEqual([50])
})

test('by the wall clock: counted from the schedule, without a burst to catch up', () => {
  const punctuations = punctuationsOf()
  const calls: number[] = []
  punctuations.add({ everyMs: 10, by: 'wall-clock' }, 0, collector, (nowMs) => calls.push(nowMs))
  for (const at of [5, 14, 15, 35, 40]) punctuations.wallClock(at)
  expect(calls).toEqual([14, 35, 40])
})

test('a schedule can end itself and begin another one', () => {
  const punctuations = punctuationsOf()
  const calls: string[] = []
  const cancel = punctuations.add({ everyMs: 10, by: 'stream-time' }, -1, collector, (nowMs) => {
    calls.push(`first ${nowMs}`)
    cancel()
    punctuations.add({ everyMs: 5, by: 'stream-time' }, nowMs, collector, (atMs) =>
      calls.push(`second ${atMs}`),
    )
  })
  for (const at of [12, 14, 15, 30]) punctuations.streamTime(at)
  expect(calls).toEqual(['first 12', 'second 15', 'second 30'])
})
