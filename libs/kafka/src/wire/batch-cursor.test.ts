import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { BatchCursor } from './batch-cursor.ts'
import type { RecordBatch } from './record-batch.ts'
import { parseRecordBatches } from './record-batch-reader.ts'
import { RecordBatchWriter, unstamped } from './record-batch-writer.ts'

/**
 * A batch of one record, changed: length, attributes, time, offset, key length, `key`,
 * value length, `v`, header count; one byte each but for the key.
 */
function oneRecord(change: (record: Buffer) => void): RecordBatch {
  const writer = new RecordBatchWriter()
  writer.append(Buffer.from('key'), Buffer.from('v'), 5, noHeaders)
  const bytes = writer.finish(unstamped)
  // Behind the batch lies what belongs to somebody else.
  const answer = Buffer.concat([bytes, Buffer.alloc(50, 'x')])
  const batch = parseRecordBatches(answer, 0, bytes.length, { verifyCrc: false })[0]!
  change(answer.subarray(batch.recordsStart))
  return batch
}

function firstRecord(batch: RecordBatch): BatchCursor {
  const cursor = new BatchCursor()
  cursor.load(batch)
  cursor.next()
  return cursor
}

const zigzag = (length: number) => length * 2

test('a record stands where its lengths say', () => {
  const cursor = firstRecord(oneRecord(() => {}))
  expect([cursor.key()?.toString(), cursor.value()?.toString(), cursor.timestampMs]).toEqual([
    'key',
    'v',
    5,
  ])
  expect(cursor.headers()).toBe(noHeaders)
})

test.each([
  ['a record that reaches past its batch', 0, zigzag(30)],
  ['a record of negative length', 0, zigzag(5) - 1],
  ['a key that reaches past its record', 4, zigzag(20)],
  ['a value that reaches past its record', 8, zigzag(20)],
])('%s is corrupt', (_, position, byte) => {
  const batch = oneRecord((record) => record.writeUInt8(byte, position))
  expect(() => firstRecord(batch)).toThrow('MILLRACE_KAFKA_CORRUPT_BATCH')
})

test('more headers than the record has room for are corrupt', () => {
  const batch = oneRecord((record) => record.writeUInt8(zigzag(9), 10))
  expect(() => firstRecord(batch).headers()).toThrow('MILLRACE_KAFKA_CORRUPT_BATCH')
})

test('views end where the part ends', () => {
  const cursor = firstRecord(oneRecord(() => {}))
  expect(cursor.buffer.subarray(cursor.keyStart, cursor.valueEnd).toString('latin1')).toBe(
    'key\x02v',
  )
})
