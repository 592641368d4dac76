import { isMillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchCursor } from './batch-cursor.ts'
import { batchField } from './batch-header.ts'
import type { RecordBatch } from './record-batch.ts'
import { parseRecordBatches } from './record-batch-reader.ts'
import { RecordBatchWriter } from './record-batch-writer.ts'

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const nullable = fc.option(bytes)
const record = fc.record({
  key: nullable,
  value: nullable,
  // Up to the largest time that a JavaScript date knows, so that deltas take up to 54 bits.
  timestampMs: fc.oneof(fc.nat(), fc.integer({ min: -1, max: 8_640_000_000_000_000 })),
  headers: fc.array(fc.tuple(fc.string({ unit: 'binary', maxLength: 20 }), nullable), {
    maxLength: 4,
  }),
})
type Plain = { key: Buffer | null; value: Buffer | null; timestampMs: number; headers: Headers }

const stamp = fc.record({
  producerId: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  producerEpoch: fc.integer({ min: -1, max: 32_767 }),
  baseSequence: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  isTransactional: fc.boolean(),
  baseOffset: fc.maxSafeNat().map((offset) => Math.floor(offset / 2)),
})

function write(records: readonly Plain[], writer = new RecordBatchWriter(64)): RecordBatchWriter {
  for (const r of records) writer.append(r.key, r.value, r.timestampMs, r.headers)
  return writer
}

function read(batch: RecordBatch): (Plain & { offset: number })[] {
  const cursor = new BatchCursor()
  const records: (Plain & { offset: number })[] = []
  cursor.load(batch)
  while (cursor.next()) {
    records.push({
      offset: cursor.offset,
      timestampMs: cursor.timestampMs,
      key: cursor.key(),
      value: cursor.value(),
      headers: cursor.headers(),
    })
  }
  return records
}

test('what is written to a batch is read from it', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), stamp, (records, as) => {
      const encoded = write(records).finish(as)
      const [batch, ...others] = parseRecordBatches(encoded, 0, encoded.length, { verifyCrc: true })
      expect(others).toEqual([])
      expect(batch).toMatchObject({
        ...as,
        lastOffset: as.baseOffset + records.length - 1,
        recordCount: records.length,
        baseTimestampMs: records[0]!.timestampMs,
        maxTimestampMs: Math.max(...records.map((r) => r.timestampMs)),
        isLogAppendTime: false,
        isControl: false,
        compression: 'none',
      })
      expect(read(batch!)).toEqual(records.map((r, i) => ({ ...r, offset: as.baseOffset + i })))
    }),
  )
})

test('the size announced before appending is never below the size after it', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), (records) => {
      const writer = new RecordBatchWriter(64)
      for (const r of records) {
        const bound = writer.sizeIfAppended(r.key, r.value, r.headers)
        writer.append(r.key, r.value, r.timestampMs, r.headers)
        expect(writer.sizeBytes).toBeLessThanOrEqual(bound)
      }
      expect(writer.finish({ ...none }).length).toBe(writer.sizeBytes)
    }),
  )
})
const none = { producerId: -1, producerEpoch: -1, baseSequence: -1, isTransactional: false }

test('an answer cut short anywhere yields the batches that are whole', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(record, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (groups, cut) => {
        const writer = new RecordBatchWriter()
        const encoded = groups.map((records) => {
          writer.reset()
          return write(records, writer).finish(none)
        })
        const all = Buffer.concat(encoded)
        const end = cut % (all.length + 1)
        let whole = 0
        for (let size = 0; whole < encoded.length && (size += encoded[whole]!.length) <= end; )
          whole++
        expect(parseRecordBatches(all, 0, end, { verifyCrc: true })).toHaveLength(whole)
      },
    ),
  )
})

test('any changed byte under the checksum is found', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (records, at, flip) => {
        const encoded = write(records).finish(none)
        const position = batchField.attributes + (at % (encoded.length - batchField.attributes))
        encoded[position]! ^= flip
        expect(() => parseRecordBatches(encoded, 0, encoded.length, { verifyCrc: true })).toThrow(
          'CORRUPT_BATCH',
        )
      },
    ),
  )
})

test('records of garbage end in an error of ours or in some records, never in another error', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255))),
      (records, changes) => {
        const encoded = write(records).finish(none)
        for (const [at, byte] of changes) encoded[at % encoded.length] = byte
        try {
          for (const batch of parseRecordBatches(encoded, 0, encoded.length, {
            verifyCrc: false,
          })) {
            if (batch.compression === 'none') read(batch)
          }
        } catch (error) {
          if (!isMillraceError(error)) throw error
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
