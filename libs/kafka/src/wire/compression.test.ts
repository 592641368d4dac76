import { gzipSync, zstdCompressSync } from 'node:zlib'
import { noHeaders } from '@millrace/record'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { BatchCursor } from './batch-cursor.ts'
import { batchField, compressionById } from './batch-header.ts'
import { compressSnappy } from './compression/snappy.ts'
import { decompressBatch } from './compression.ts'
import { crc32c } from './primitives/crc32c.ts'
import type { RecordBatch } from './record-batch.ts'
import { parseRecordBatches } from './record-batch-reader.ts'
import { RecordBatchWriter, unstamped } from './record-batch-writer.ts'

const codecs = [
  { name: 'gzip', codec: 'gzip', compress: gzipSync },
  { name: 'snappy in xerial framing', codec: 'snappy', compress: compressSnappy },
  { name: 'raw snappy', codec: 'snappy', compress: (data: Buffer) => compressSync(data) },
  { name: 'lz4', codec: 'lz4', compress: (data: Buffer) => compressFrameSync(data) },
  { name: 'zstd', codec: 'zstd', compress: zstdCompressSync },
] as const

const count = 2_000

function compressed(
  codec: RecordBatch['compression'],
  compress: (data: Buffer) => Buffer,
): RecordBatch {
  const writer = new RecordBatchWriter()
  for (let i = 0; i < count; i++)
    writer.append(Buffer.from(`key-${i}`), Buffer.alloc(40, 'x'), i, noHeaders)
  const plain = writer.finish(unstamped)
  const bytes = Buffer.concat([
    plain.subarray(0, batchField.records),
    compress(plain.subarray(batchField.records)),
  ])
  bytes.writeInt32BE(bytes.length - 12, batchField.batchLength)
  bytes.writeInt16BE(compressionById.indexOf(codec), batchField.attributes)
  bytes.writeInt32BE(crc32c(bytes, batchField.attributes, bytes.length), batchField.crc)
  return parseRecordBatches(bytes, 0, bytes.length, { verifyCrc: true })[0]!
}

test.each(codecs)(
  'a batch compressed with $name is read as if it were not',
  ({ codec, compress }) => {
    const batch = compressed(codec, compress)
    expect(batch.compression).toBe(codec)
    const cursor = new BatchCursor()
    cursor.load(decompressBatch(batch))
    for (let i = 0; i < count; i++) {
      expect(cursor.next()).toBe(true)
      expect(cursor.key()?.toString()).toBe(`key-${i}`)
    }
    expect(cursor.next()).toBe(false)
  },
)

test.each(codecs)(
  'a $name batch that would grow past the bound is refused',
  ({ codec, compress }) => {
    const batch = compressed(codec, compress)
    expect(() => decompressBatch(batch, { uncompressedMaxBytes: 10_000 })).toThrow(
      'MILLRACE_KAFKA_CORRUPT_BATCH',
    )
  },
)

test.each(codecs)('garbage in place of $name is an error with a code', ({ codec }) => {
  const batch = compressed(codec, () => Buffer.alloc(100, 0xab))
  expect(() => decompressBatch(batch)).toThrow('MILLRACE_KAFKA_CORRUPT_BATCH')
})

test('a cursor refuses a batch that is still compressed', () => {
  expect(() => new BatchCursor().load(compressed('gzip', gzipSync))).toThrow('compressed')
})
