import { expect, test } from 'vitest'
import { decodeSkip, encodeSkip, parsePosition } from './skip-record.ts'

test('a skip says what, who, when and why, and is found by its position', () => {
  const skip = {
    topic: 'orders',
    partition: 3,
    offset: 41,
    reason: 'no such customer',
    by: 'ann@host',
    atMs: 7,
  }
  const { key, value } = encodeSkip(skip)
  expect(key.toString()).toBe('orders:3:41')
  expect(decodeSkip(value)).toEqual(skip)
})

test('what is no skip is refused, never passed over', () => {
  for (const text of ['{', '{}', '{"version":2,"topic":"t","partition":0,"offset":1}'])
    expect(() => decodeSkip(Buffer.from(text))).toThrow('MILLRACE_RUNTIME_SKIPS_INVALID')
})

test.each([
  ['orders:3:41', { topic: 'orders', partition: 3, offset: 41 }],
  ['app.a_b-c:0:0', { topic: 'app.a_b-c', partition: 0, offset: 0 }],
  ['orders:3', undefined],
  ['orders:-1:4', undefined],
  ['orders:1:4x', undefined],
  ['or ders:1:4', undefined],
])('%s names a position or does not', (text, position) => {
  expect(parsePosition(text)).toEqual(position)
})
