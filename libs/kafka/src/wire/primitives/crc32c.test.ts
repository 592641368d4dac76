import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

const unsigned = (bytes: Buffer, start = 0, end = bytes.length) => crc32c(bytes, start, end) >>> 0

test('CRC-32C gives the values that RFC 3720 prints', () => {
  expect(unsigned(Buffer.alloc(32, 0))).toBe(0x8a9136aa)
  expect(unsigned(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  expect(unsigned(Buffer.from(Array.from({ length: 32 }, (_, i) => i)))).toBe(0x46dd794e)
  expect(unsigned(Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)))).toBe(0x113fdb5c)
  expect(unsigned(Buffer.from('123456789'))).toBe(0xe3069283)
})

test('CRC-32C covers the given range only', () => {
  expect(unsigned(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283)
  expect(unsigned(Buffer.from('abc'), 1, 1)).toBe(0)
})

test('short and long input are summed by the same rule', () => {
  const byDefinition = (bytes: Buffer) => {
    let crc = 0xffffffff
    for (const byte of bytes) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    }
    return (crc ^ 0xffffffff) >>> 0
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(4_000), (pattern, length) => {
      const bytes = Buffer.alloc(length, Buffer.from([1, ...pattern]))
      expect(unsigned(bytes)).toBe(byDefinition(bytes))
    }),
  )
})
