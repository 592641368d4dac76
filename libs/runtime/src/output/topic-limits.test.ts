import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { TopicLimits } from './topic-limits.ts'

const nowMs = 1_000_000
const bytes = (count: number): Buffer => Buffer.alloc(count)

function limits(configs: Record<string, string>): TopicLimits {
  const made = new TopicLimits(new Map(Object.entries(configs)))
  made.setNow(nowMs)
  return made
}

test('of a topic whose settings are not known, nothing is refused', () => {
  const none = new TopicLimits()
  none.setNow(nowMs)
  expect(none.refusal(null, bytes(5_000_000), Number.MAX_SAFE_INTEGER, noHeaders)).toBe(null)
})

test('a record that is too large for its topic is refused before it is in a batch with others', () => {
  const small = limits({ 'max.message.bytes': '1000' })
  expect(small.refusal(bytes(10), bytes(800), nowMs, noHeaders)).toBe(null)
  expect(small.refusal(bytes(10), bytes(940), nowMs, noHeaders)).toContain('max.message.bytes=1000')
  expect(small.refusal(null, bytes(800), nowMs, [['h', bytes(200)]])).not.toBe(null)
})

test('a timestamp is held against the clock on both sides', () => {
  const hour = limits({
    'message.timestamp.after.max.ms': '3600000',
    'message.timestamp.before.max.ms': '500000',
  })
  const at = (timestampMs: number) => hour.refusal(null, null, timestampMs, noHeaders)
  expect([at(nowMs + 3_600_000), at(nowMs - 500_000)]).toEqual([null, null])
  expect(at(nowMs + 3_600_001)).toContain('ahead')
  expect(at(nowMs - 500_001)).toContain('behind')
})

test('where the broker sets the timestamp itself, any will do', () => {
  const appended = limits({
    'message.timestamp.type': 'LogAppendTime',
    'message.timestamp.after.max.ms': '0',
  })
  expect(appended.refusal(null, null, nowMs + 1, noHeaders)).toBe(null)
})
