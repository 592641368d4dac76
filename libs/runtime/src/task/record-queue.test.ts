import { string } from '@millrace/record'
import type { SourceNode } from '@millrace/topology'
import { expect, test } from 'vitest'
import { fetched } from '../testing/fetched.ts'
import { RecordQueue } from './record-queue.ts'

const source = { topic: 'in', partition: 0 }

function node(over: Partial<SourceNode> = {}): SourceNode {
  const serdes = { keySerde: string, valueSerde: string }
  return {
    kind: 'source',
    name: 'source',
    topic: 'in',
    isRepartition: false,
    children: [],
    ...serdes,
    ...over,
  }
}

test('the head tells its timestamp before anything is decoded', () => {
  const refusing = { ...string, deserialize: () => expect.unreachable('decoded') } as never
  const queue = new RecordQueue({ source, node: node({ keySerde: refusing }) }, 0)
  queue.add(fetched(source, 0, [{ timestampMs: 7 }, { timestampMs: 5 }]))
  expect(queue.headTimestampMs).toBe(7)
})

test('records come in the order of the log and the position follows them', () => {
  const queue = new RecordQueue({ source, node: node() }, 0)
  queue.add(
    fetched(source, 0, [
      { value: 'a', timestampMs: 7 },
      { value: 'b', timestampMs: 5 },
    ]),
  )
  queue.add(fetched(source, 2, [{ value: 'c', timestampMs: 9 }]))
  const seen = [queue.position]
  const values: unknown[] = []
  while (queue.hasHead) {
    values.push(queue.take().value)
    seen.push(queue.position)
  }
  expect(values).toEqual(['a', 'b', 'c'])
  expect(seen).toEqual([0, 1, 2, 3])
  expect(queue.queuedRecords).toBe(0)
})

test('records before the position asked for are passed over', () => {
  const queue = new RecordQueue({ source, node: node() }, 2)
  queue.add(
    fetched(
      source,
      0,
      [1, 2, 3].map((timestampMs) => ({ timestampMs })),
      { offset: 2 },
    ),
  )
  expect(queue.take().timestampMs).toBe(3)
  expect(queue.hasHead).toBe(false)
  expect(queue.left.skipped).toBe(2)
})

test('behind the last record, markers and compacted offsets count as read', () => {
  const queue = new RecordQueue({ source, node: node() }, 0)
  queue.add(fetched(source, 0, [{ timestampMs: 1 }], { nextOffset: 10 }))
  expect(queue.position).toBe(0)
  queue.take()
  expect(queue.position).toBe(10)
})

test('the end is reached only when nothing is queued and the log holds no more', () => {
  const queue = new RecordQueue({ source, node: node() }, 0)
  expect([queue.isAtLogEnd, queue.isAtStableEnd]).toEqual([false, false])
  queue.add(fetched(source, 0, [{ timestampMs: 1 }], { highWatermark: 5, lastStableOffset: 1 }))
  expect([queue.isAtLogEnd, queue.isAtStableEnd]).toEqual([false, false])
  queue.take()
  // What follows is an undecided transaction: not readable, and not the end.
  expect([queue.isAtLogEnd, queue.isAtStableEnd]).toEqual([false, true])
})

test('a queue over its bound is full until half of it is processed', () => {
  const queue = new RecordQueue({ source, node: node(), capacityRecords: 4 }, 0)
  for (let batch = 0; batch < 3; batch++) {
    queue.add(fetched(source, batch * 2, [{ timestampMs: 1 }, { timestampMs: 2 }]))
  }
  expect(queue.isFull).toBe(true)
  for (let i = 0; i < 3; i++) queue.take()
  expect(queue.isFull).toBe(true)
  queue.take()
  expect(queue.isFull).toBe(false)
})

test('a record that a serde refuses is taken, and its bytes are at hand', () => {
  const refusing = {
    ...string,
    deserialize: () => {
      throw new Error('not mine')
    },
  } as never
  const queue = new RecordQueue({ source, node: node({ valueSerde: refusing }) }, 0)
  queue.add(fetched(source, 0, [{ value: 'broken', timestampMs: 3 }, { timestampMs: 4 }]))
  expect(() => queue.take()).toThrow('not mine')
  expect(queue.taken.value?.toString()).toBe('broken')
  expect(queue.taken.offset).toBe(0)
  expect(queue.headOffset).toBe(1)
})

test("an extractor's time decides, and the bytes of the record before stay at hand", () => {
  const timestamp: SourceNode['timestamp'] = ({ record }) => Number(record.value)
  const queue = new RecordQueue({ source, node: node({ timestamp }) }, 0)
  queue.add(
    fetched(source, 0, [
      { value: '70', timestampMs: 1 },
      { value: '-1', timestampMs: 2 },
    ]),
  )
  expect(queue.headTimestampMs).toBe(70)
  expect(queue.take()).toMatchObject({ value: '70', timestampMs: 70 })
  expect(queue.taken.value?.toString()).toBe('70')
  expect(queue.take().timestampMs).toBe(-1)
})

test('a record that is put back is taken again, before what stood behind it and what came since', () => {
  const queue = new RecordQueue({ source, node: node() }, 0)
  queue.add(fetched(source, 0, [{ value: 'a', timestampMs: 7 }]))
  expect(queue.take().value).toBe('a')
  queue.putBack(7)
  expect([queue.position, queue.headTimestampMs, queue.queuedRecords]).toEqual([0, 7, 1])
  queue.add(fetched(source, 1, [{ value: 'b', timestampMs: 5 }]))
  expect(queue.take().value).toBe('a')
  expect(queue.position).toBe(1)
  queue.putBack(7)
  // Not to be tried again: it leaves as bytes.
  queue.pass()
  expect(queue.taken.value?.toString()).toBe('a')
  expect(queue.take().value).toBe('b')
  expect([queue.position, queue.queuedRecords, queue.hasHead]).toEqual([2, 0, false])
})

/** Records without a time of their own take that of the partition. */
function timed(): RecordQueue {
  const timestamp: SourceNode['timestamp'] = ({ record, partitionTimeMs }) =>
    record.value === 'none' ? partitionTimeMs : record.timestampMs
  const queue = new RecordQueue({ source, node: node({ timestamp }) }, 0)
  const values = ['early', 'late', 'none', 'none']
  const times = [10, 900, 1, 1]
  queue.add(
    fetched(
      source,
      0,
      values.map((value, n) => ({ value, timestampMs: times[n] as number })),
    ),
  )
  queue.take()
  return queue
}

test('the extractor is shown the largest time that was taken', () => {
  const queue = timed()
  expect(queue.take().timestampMs).toBe(900)
  expect(queue.take().timestampMs).toBe(900)
})

test('of a record that leaves nothing the extractor is not shown the time', () => {
  const failed = timed()
  failed.take()
  failed.takeBackTime()
  expect([failed.take().timestampMs, failed.take().timestampMs]).toEqual([10, 10])

  const passed = timed()
  passed.pass()
  expect(passed.taken.timestampMs).toBe(900)
  expect(passed.take().timestampMs).toBe(10)

  const again = timed()
  again.take()
  again.putBack(900)
  expect(again.take().timestampMs).toBe(900)
  expect(again.take().timestampMs).toBe(900)
})
