import { expect, test } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'

test.each([
  ['uint8', (writer: ByteWriter) => writer.uint8(7), (reader: ByteReader) => reader.uint8(), 7],
  ['uint32', (writer: ByteWriter) => writer.uint32(7), (reader: ByteReader) => reader.uint32(), 7],
  ['int64', (writer: ByteWriter) => writer.int64(-7), (reader: ByteReader) => reader.int64(), -7],
  [
    'null',
    (writer: ByteWriter) => writer.sizedOrNull(null),
    (reader: ByteReader) => reader.sizedOrNull(),
    null,
  ],
  [
    'bytes',
    (writer: ByteWriter) => writer.sized(Buffer.from('seven')),
    (reader: ByteReader) => String(reader.sized()),
    'seven',
  ],
] as const)(
  '%s is written across every boundary at which the buffer grows',
  (_, write, read, value) => {
    for (let before = 0; before < 600; before++) {
      const writer = new ByteWriter()
      for (let i = 0; i < before; i++) writer.uint8(1)
      write(writer)
      const reader = new ByteReader(writer.bytes())
      for (let i = 0; i < before; i++) reader.uint8()
      expect(read(reader)).toBe(value)
      expect(reader.isAtEnd).toBe(true)
    }
  },
)
