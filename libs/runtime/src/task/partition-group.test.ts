import { string } from '@millrace/record'
import type { SourceNode } from '@millrace/topology'
import { expect, test } from 'vitest'
import { fetched } from '../testing/fetched.ts'
import { PartitionGroup, type PartitionGroupOptions } from './partition-group.ts'
import { RecordQueue } from './record-queue.ts'

const node = {
  kind: 'source',
  name: 'source',
  topic: 'in',
  isRepartition: false,
  children: [],
  keySerde: string,
  valueSerde: string,
} as unknown as SourceNode

function queues(count: number): RecordQueue[] {
  return Array.from(
    { length: count },
    (_, partition) => new RecordQueue({ source: { topic: 'in', partition }, node }, 0),
  )
}

function put(
  queue: RecordQueue,
  baseOffset: number,
  timestamps: readonly number[],
  more = 0,
): void {
  const records = timestamps.map((timestampMs) => ({ timestampMs }))
  const end = baseOffset + timestamps.length + more
  queue.add(
    fetched(queue.source, baseOffset, records, { highWatermark: end, lastStableOffset: end }),
  )
}

function drain(group: PartitionGroup, count = Number.POSITIVE_INFINITY): number[] {
  const seen: number[] = []
  for (let queue = group.next(); queue !== null && seen.length < count; queue = group.next()) {
    seen.push(queue.take().timestampMs)
  }
  return seen
}

function group(all: readonly RecordQueue[], options: PartitionGroupOptions = {}): PartitionGroup {
  return new PartitionGroup(all, options)
}

test('the head with the smallest timestamp is next (P03)', () => {
  const [one, two] = queues(2) as [RecordQueue, RecordQueue]
  put(one, 0, [1, 3, 5])
  put(two, 0, [2, 4, 6])
  const choose = group([one, two])
  expect(drain(choose, 2)).toEqual([1, 2])
  put(one, 3, [2, 4])
  expect(drain(choose)).toEqual([3, 4, 5, 2, 4, 6])
})

test('an empty partition that is known to have more is waited for', () => {
  const [one, two] = queues(2) as [RecordQueue, RecordQueue]
  put(one, 0, [10, 11])
  put(two, 0, [5], 1)
  const choose = group([one, two])
  expect(drain(choose)).toEqual([5])
  put(two, 1, [9])
  expect(drain(choose)).toEqual([9, 10, 11])
})

test('a partition that has not answered yet is waited for, unless the task never waits', () => {
  const [one, two] = queues(2) as [RecordQueue, RecordQueue]
  put(one, 0, [10])
  expect(group([one, two]).next()).toBe(null)
  expect(group([one, two], { maxTaskIdleMs: -1 }).next()).toBe(one)
})

test('with an idle time, a partition read to its end is waited for that long and no longer', () => {
  const [one, two] = queues(2) as [RecordQueue, RecordQueue]
  put(one, 0, [10])
  put(two, 0, [])
  const choose = group([one, two], { maxTaskIdleMs: 100 })
  choose.setNow(1_000)
  expect(choose.next()).toBe(null)
  choose.setNow(1_099)
  expect(choose.next()).toBe(null)
  choose.setNow(1_100)
  expect(choose.next()).toBe(one)
})

test('a held partition holds the task', () => {
  const [one, two] = queues(2) as [RecordQueue, RecordQueue]
  put(one, 0, [1])
  put(two, 0, [2])
  two.isPaused = true
  expect(group([one, two]).next()).toBe(null)
  expect(group([two]).next()).toBe(null)
  two.isPaused = false
  expect(group([one, two]).next()).toBe(one)
})
