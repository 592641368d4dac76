import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { BatchCursor } from './batch-cursor.ts'
import { batchField } from './batch-header.ts'
import { restamp, stampAppendTime, stampOffset } from './batch-stamp.ts'
import { encodeControlBatch, readTransactionMarker } from './control-batch.ts'
import { crc32c } from './primitives/crc32c.ts'
import { parseRecordBatches } from './record-batch-reader.ts'
import { RecordBatchWriter, unstamped } from './record-batch-writer.ts'

const at = { topic: 'orders', partition: 3 }

function encode(...timestamps: readonly number[]): Buffer {
  const writer = new RecordBatchWriter()
  for (const timestampMs of timestamps)
    writer.append(null, Buffer.from('v'), timestampMs, noHeaders)
  return writer.finish(unstamped)
}

const parse = (bytes: Buffer) => parseRecordBatches(bytes, 0, bytes.length, { verifyCrc: true, at })

test('an empty batch left by the cleaner moves the position and has no records', () => {
  const bytes = encode(5).subarray(0, batchField.records)
  bytes.writeInt32BE(bytes.length - 12, batchField.batchLength)
  bytes.writeInt32BE(9, batchField.lastOffsetDelta)
  bytes.writeInt32BE(0, batchField.recordCount)
  bytes.writeInt32BE(crc32c(bytes, batchField.attributes, bytes.length), batchField.crc)
  stampOffset(bytes, 100)
  const [batch] = parse(bytes)
  expect(batch).toMatchObject({ recordCount: 0, baseOffset: 100, lastOffset: 109 })
  const cursor = new BatchCursor()
  cursor.load(batch!)
  expect(cursor.next()).toBe(false)
})

test('an old message format is refused by name and place', () => {
  const bytes = encode(5)
  bytes[batchField.magic] = 1
  stampOffset(bytes, 42)
  bytes[batchField.magic] = 1
  expect(() => parse(bytes)).toThrow(
    'MILLRACE_KAFKA_UNSUPPORTED: record batch with base offset 42: message format 1 at orders[3]@42',
  )
})

test('an impossible length is corrupt, also without checksum', () => {
  const bytes = encode(5)
  bytes.writeInt32BE(20, batchField.batchLength)
  expect(() => parseRecordBatches(bytes, 0, bytes.length, { verifyCrc: false, at })).toThrow(
    'CORRUPT_BATCH',
  )
})

test("the broker's append time holds for every record", () => {
  const bytes = encode(5, 7)
  stampAppendTime(bytes, 1_000)
  const [batch] = parse(bytes)
  const cursor = new BatchCursor()
  cursor.load(batch!)
  expect([cursor.next() && cursor.timestampMs, cursor.next() && cursor.timestampMs]).toEqual([
    1_000, 1_000,
  ])
})

test('a batch can be stamped for another epoch', () => {
  const bytes = encode(5)
  restamp(bytes, { producerId: 12, producerEpoch: 3, baseSequence: 0 })
  expect(parse(bytes)[0]).toMatchObject({ producerId: 12, producerEpoch: 3, baseSequence: 0 })
})

test('times out of order keep the largest as the maximum', () => {
  expect(parse(encode(7, 9, 5))[0]).toMatchObject({ baseTimestampMs: 7, maxTimestampMs: 9 })
})

test.each(['commit', 'abort'] as const)('a %s marker is a control batch of its own', (marker) => {
  const bytes = encodeControlBatch({
    marker,
    producerId: 7,
    producerEpoch: 2,
    coordinatorEpoch: 1,
    timestampMs: 10,
    baseOffset: 50,
  })
  const [batch] = parse(bytes)
  expect(batch).toMatchObject({
    isControl: true,
    isTransactional: true,
    producerId: 7,
    producerEpoch: 2,
    lastOffset: 50,
  })
  expect(readTransactionMarker(batch!)).toBe(marker)
})

test('a data batch is no marker, whatever its key', () => {
  const writer = new RecordBatchWriter()
  writer.append(Buffer.alloc(4), null, 0, noHeaders)
  const bytes = writer.finish(unstamped)
  expect(readTransactionMarker(parse(bytes)[0]!)).toBeNull()
})
