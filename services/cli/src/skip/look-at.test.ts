import { expect, test } from 'vitest'
import { type RecordReport, refusalOf } from './look-at.ts'

const report: RecordReport = {
  position: { topic: 'orders', partition: 1, offset: 41 },
  partitionCount: 2,
  startOffset: 10,
  endOffset: 50,
  committedOffset: 41,
  record: { timestampMs: 1, keyBytes: 1, valueBytes: null },
}

test('the record that a worker stopped at can be skipped, and any after it', () => {
  expect(refusalOf(report)).toBe(null)
  expect(refusalOf({ ...report, committedOffset: 12 })).toBe(null)
  expect(refusalOf({ ...report, committedOffset: null })).toBe(null)
})

test.each([
  ['a topic that is not there', { partitionCount: null }, 'there is no topic orders'],
  ['a partition that is not there', { partitionCount: 1 }, 'orders has 1 partitions'],
  ['a record that is committed', { committedOffset: 42 }, 'committed 42'],
  ['a record that is not there', { record: null }, 'no record is at 41'],
])('%s is refused', (_, part, expected) => {
  expect(refusalOf({ ...report, ...part })).toContain(expected)
})
