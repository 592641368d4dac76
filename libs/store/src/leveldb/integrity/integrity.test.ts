import { expect, test } from 'vitest'
import { ByteReader } from './byte-reader.ts'
import { crc32c } from './crc32c.ts'
import { uncompressSnappy } from './snappy.ts'

test('CRC-32C of the check string and of 32 zeros (RFC 3720, B.4)', () => {
  const digits = Buffer.from('123456789')
  expect(crc32c(digits, 0, digits.length)).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(32), 0, 32)).toBe(0x8a9136aa)
})

test('snappy: literals, copies, and a copy that overlaps itself', () => {
  // 11 bytes: literal "abcd", 4 bytes from 4 back, 3 bytes from 1 back
  const block = Buffer.from([11, 0x0c, 97, 98, 99, 100, 0x01, 4, 0x0a, 1, 0])
  expect(uncompressSnappy(block).toString()).toBe('abcdabcdddd')
})

test.each([
  ['cut short', [11, 0x0c, 97]],
  ['with a copy from before its start', [4, 0x01, 4]],
  ['longer than it says', [1, 0x0c, 97, 98, 99, 100]],
  ['shorter than it says', [9, 0x0c, 97, 98, 99, 100]],
])('a snappy block %s is refused', (_title, bytes) => {
  expect(() => uncompressSnappy(Buffer.from(bytes))).toThrow(RangeError)
})

test('varints go up to 2^53, and not beyond the end', () => {
  expect(new ByteReader(Buffer.from([0xac, 0x02])).varint()).toBe(300)
  expect(() => new ByteReader(Buffer.from([0xac])).varint()).toThrow(RangeError)
  expect(() => new ByteReader(Buffer.alloc(9, 0xff)).varint()).toThrow(RangeError)
})
