import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Duration, formatDuration, parseDuration } from './duration.ts'

test.each([
  [0, 0],
  [250, 250],
  ['500ms', 500],
  ['5s', 5_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
  ['1.1s', 1_100],
] as [Duration, number][])('%s is %i ms', (duration, ms) => {
  expect(parseDuration(duration)).toBe(ms)
})

test.each([
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '5',
  '5 s',
  '-1s',
  '1w',
  '0.3ms',
  '',
  null,
])('%s is not a duration', (duration) => {
  expect(() => parseDuration(duration as Duration, 'grace')).toThrow(
    expect.objectContaining({ code: 'MILLRACE_TIME_DURATION_INVALID' }),
  )
})

test('the message names the setting and the value', () => {
  expect(() => parseDuration('5 minutes' as Duration, 'grace')).toThrow(/grace '5 minutes' is not/)
})

test('a formatted duration reads back as itself', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms) as Duration)).toBe(ms)
    }),
  )
  expect(formatDuration(900_000)).toBe('15m')
})
