import { string } from '@millrace/record'
import type { SourceNode } from '@millrace/topology'
import { expect, test } from 'vitest'
import { RecordQueue } from '../task/record-queue.ts'
import { fetched } from '../testing/fetched.ts'
import { taskInput } from './task-input.ts'

const node: SourceNode = {
  kind: 'source',
  name: 'source',
  topic: 'in',
  isRepartition: false,
  children: [],
  keySerde: string,
  valueSerde: string,
}

function queue(partition: number, startOffset: number): RecordQueue {
  return new RecordQueue({ source: { topic: 'in', partition }, node }, startOffset)
}

test('before the first answer nothing is known of age and deletion, and nothing is claimed', () => {
  expect(taskInput([queue(0, 0)])).toEqual({
    backlogRecords: 0,
    headroomRecords: null,
    oldestMs: null,
  })
})

test('one old partition is not hidden by one that is up to date', () => {
  const [old, fresh] = [queue(0, 10), queue(1, 0)]
  old.add(fetched(old.source, 10, [{ timestampMs: 1_000 }], { highWatermark: 500 }))
  fresh.add(fetched(fresh.source, 0, [{ timestampMs: 90_000 }]))
  expect(taskInput([old, fresh])).toMatchObject({ backlogRecords: 491, oldestMs: 1_000 })
})

test('where all is processed nothing waits, and the age is left out', () => {
  const only = queue(0, 0)
  only.add(fetched(only.source, 0, [{ timestampMs: 1_000 }]))
  only.take()
  expect(taskInput([only])).toMatchObject({ backlogRecords: 0, oldestMs: null })
})

test('the headroom is that of the partition which deletion reaches first', () => {
  const [safe, near] = [queue(0, 900), queue(1, 120)]
  safe.add(fetched(safe.source, 900, [], { logStartOffset: 0 }))
  near.add(fetched(near.source, 120, [], { logStartOffset: 100 }))
  expect(taskInput([safe, near]).headroomRecords).toBe(20)
})

test('deletion that has passed the position leaves no headroom', () => {
  const overtaken = queue(0, 100)
  overtaken.add(fetched(overtaken.source, 100, [], { logStartOffset: 250, highWatermark: 300 }))
  expect(taskInput([overtaken])).toMatchObject({ backlogRecords: 200, headroomRecords: 0 })
})
