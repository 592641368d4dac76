import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { TopicLimits } from './topic-limits.ts'

const bytes = (count: number): Buffer => Buffer.alloc(count)

function limits(configs: Record<string, string>): TopicLimits {
  return new TopicLimits(new Map(Object.entries(configs)))
}

test('of a topic whose settings are not known, nothing is refused', () => {
  const none = new TopicLimits()
  expect(none.refusal(null, bytes(5_000_000), noHeaders)).toBe(null)
})

test('a record that is too large for its topic is refused before it is in a batch with others', () => {
  const small = limits({ 'max.message.bytes': '1000' })
  expect(small.refusal(bytes(10), bytes(800), noHeaders)).toBe(null)
  expect(small.refusal(bytes(10), bytes(940), noHeaders)).toContain('max.message.bytes=1000')
  expect(small.refusal(null, bytes(800), [['h', bytes(200)]])).not.toBe(null)
})
