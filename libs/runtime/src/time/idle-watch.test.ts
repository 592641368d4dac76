import { string } from '@millrace/record'
import type { SourceNode } from '@millrace/topology'
import { expect, test } from 'vitest'
import { Decisions } from '../decisions/decisions.ts'
import { RecordQueue } from '../task/record-queue.ts'
import { fetched } from '../testing/fetched.ts'
import { IdleWatch } from './idle-watch.ts'
import { TaskTime } from './task-time.ts'

const source = { topic: 'in', partition: 0 }
const node = {
  kind: 'source',
  name: 'source',
  topic: 'in',
  isRepartition: false,
  children: [],
  keySerde: string,
  valueSerde: string,
} as unknown as SourceNode

/** One source, one repartition it is told to; what it was told is in `told`. */
function watched() {
  const queue = new RecordQueue({ source, node }, 0)
  const time = new TaskTime({
    taskId: { subTopology: 0, partition: 0 },
    hasExternalSources: true,
    writers: [],
  })
  const told: (readonly [isIdle: boolean, atMs: number])[] = []
  const stamper = { tell: (isIdle: boolean, atMs: number) => told.push([isIdle, atMs]) } as never
  const decisions = new Decisions()
  const compiled = { stampers: [stamper] }
  const watch = new IdleWatch({ queues: [queue], time, compiled, decisions }, 60_000)
  const answer = (atMs: number, over = {}) => {
    queue.add(fetched(source, 0, [], over))
    watch.answered(queue, atMs)
    watch.check(atMs)
  }
  return { queue, watch, told, answer, decisions }
}

test('a source read to its end and silent for a minute is told once, and logged', () => {
  const { decisions, told, answer } = watched()
  answer(0)
  answer(59_999)
  expect(told).toEqual([])
  answer(60_000)
  answer(60_500)
  expect(told).toEqual([[true, 60_000]])
  expect(decisions.take()).toEqual([
    { kind: 'idle-out', streamTimeMs: -1, positions: [{ ...source, offset: 0 }] },
  ])
  expect(decisions.take()).toEqual([])
})

test('silence is only what was proven: without answers no time passes', () => {
  const { watch, told, answer } = watched()
  answer(0)
  watch.check(500_000)
  expect(told).toEqual([])
})

test('a record breaks the silence, and the others hear of it', () => {
  const { queue, watch, told, answer } = watched()
  answer(0)
  answer(60_000)
  watch.broken(queue)
  watch.check(61_000)
  expect(told).toEqual([
    [true, 60_000],
    [false, 61_000],
  ])
})

test('a held source is not silent, whatever the last answers said', () => {
  const { queue, watch, told, answer } = watched()
  answer(0)
  queue.isPaused = true
  watch.broken(queue)
  answer(60_000)
  answer(200_000)
  expect(told).toEqual([])
})

test('a source with an undecided transaction is not at its end', () => {
  const { told, answer } = watched()
  answer(0, { highWatermark: 3, lastStableOffset: 0 })
  answer(60_000, { highWatermark: 3, lastStableOffset: 0 })
  answer(120_000, { highWatermark: 3, lastStableOffset: 0 })
  expect(told).toEqual([])
})
