import { expect, test } from 'vitest'
import { bytes } from './bytes.ts'
import { json } from './json.ts'
import { number } from './number.ts'
import { sessionWindowed } from './session-windowed.ts'
import { string } from './string.ts'
import { windowed } from './windowed.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

test('a number is 8 bytes, big-endian, as Kafka writes a double', () => {
  expect(number.serialize(1.5).toString('hex')).toBe('3ff8000000000000')
  expect(number.deserialize(Buffer.from('c000000000000000', 'hex'))).toBe(-2)
})

test('minus zero and zero are one key', () => {
  expect(number.serialize(-0)).toEqual(number.serialize(0))
})

test('a number of another length is undecodable', () => {
  expect(() => number.deserialize(Buffer.from('12'))).toThrow(code('MILLRACE_RECORD_UNDECODABLE'))
})

test('text that is not UTF-8 is undecodable, and not silently replaced', () => {
  const broken = Buffer.from([0x61, 0xff])
  expect(() => string.deserialize(broken)).toThrow(code('MILLRACE_RECORD_UNDECODABLE'))
  expect(() => json().deserialize(Buffer.from([0x22, 0xff, 0x22]))).toThrow(
    code('MILLRACE_RECORD_UNDECODABLE'),
  )
})

test('a replacement character that was really sent stays', () => {
  expect(string.deserialize(Buffer.from('a\ufffd'))).toBe('a\ufffd')
})

test('lone surrogates that give the same bytes are the same key', () => {
  expect(string.identity?.('\ud800')).toBe(string.identity?.('\ud801'))
  expect(string.serialize('\ud800')).toEqual(string.serialize('\ud801'))
})

test('bytes that are kept do not change with the buffer they came from', () => {
  const view = Buffer.from('abc')
  const kept = bytes.deserialize(view)
  view[0] = 0x7a
  expect(kept.toString()).toBe('abc')
})

test('a serde says what it was given and cannot write', () => {
  expect(() => string.serialize(5 as never)).toThrow('the string serde cannot write a number')
  expect(() => number.serialize('5' as never)).toThrow(code('MILLRACE_RECORD_UNENCODABLE'))
  expect(() => json().serialize(undefined)).toThrow(code('MILLRACE_RECORD_UNENCODABLE'))
  expect(() => json().serialize(5n)).toThrow(code('MILLRACE_RECORD_UNENCODABLE'))
})

test('a windowed key is the bare key and the start, as TimeWindowedSerializer writes it', () => {
  const serde = windowed(string, 900_000)
  const key = { key: 'ATL', window: { startMs: 1_700_000_100_000, endMs: 1_700_001_000_000 } }
  const written = serde.serialize(key)
  const start = Buffer.alloc(8)
  start.writeBigInt64BE(1_700_000_100_000n)
  expect(written).toEqual(Buffer.concat([Buffer.from('ATL'), start]))
  expect(serde.deserialize(written)).toEqual(key)
})

test('windowed keys differ by key and by window', () => {
  const serde = windowed(string, 10)
  const identities = ['a', 'b'].flatMap((key) =>
    [0, 10].map((startMs) => serde.identity?.({ key, window: { startMs, endMs: startMs + 10 } })),
  )
  expect(new Set(identities).size).toBe(4)
})

test('a windowed key that is too short is undecodable', () => {
  expect(() => windowed(string, 10).deserialize(Buffer.from('1234567'))).toThrow(
    code('MILLRACE_RECORD_UNDECODABLE'),
  )
})

test("a session's key is the bare key, end and start, as SessionWindowedSerializer writes it", () => {
  const serde = sessionWindowed(string)
  const key = { key: 'ATL', window: { startMs: 1_700_000_100_000, endMs: 1_700_001_000_000 } }
  const written = serde.serialize(key)
  const bounds = Buffer.alloc(16)
  bounds.writeBigInt64BE(1_700_001_000_000n, 0)
  bounds.writeBigInt64BE(1_700_000_100_000n, 8)
  expect(written).toEqual(Buffer.concat([Buffer.from('ATL'), bounds]))
  expect(serde.partitionBytes?.(written)).toEqual(Buffer.from('ATL'))
})
