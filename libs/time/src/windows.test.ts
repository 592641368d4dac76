import fc from 'fast-check'
import { expect, test } from 'vitest'
import { session } from './session-windows.ts'
import { sliding } from './sliding-windows.ts'
import { tumbling } from './time-windows.ts'
import { unlimited } from './unlimited-windows.ts'
import { describeWindows } from './windows.ts'

test('a session closes when the gap and the grace have passed after its last record', () => {
  const windows = session({ gap: 10, grace: 1 })
  expect(windows.closesAt({ startMs: 0, endMs: 0 })).toBe(12)
  expect(windows.closedThrough(11)).toBe(-1)
  expect(windows.closedThrough(12)).toBe(0)
})

test('a sliding window closes 1 ms later than a tumbling one: its end is inside', () => {
  expect(sliding({ timeDifference: 10, grace: 5 }).closesAt({ startMs: 0, endMs: 10 })).toBe(16)
  expect(tumbling({ size: 10, grace: 5 }).closesAt({ startMs: 0, endMs: 10 })).toBe(15)
})

test('what is closed is the same read forwards or backwards', () => {
  const windows = fc.record({ span: fc.integer({ min: 1, max: 99 }), grace: fc.nat(99) })
  fc.assert(
    fc.property(windows, fc.nat(500), fc.nat(500), ({ span, grace }, at, streamTimeMs) => {
      const sessions = session({ gap: span, grace })
      const closesAt = sessions.closesAt({ startMs: 0, endMs: at })
      expect(at <= sessions.closedThrough(streamTimeMs)).toBe(streamTimeMs >= closesAt)
      const slides = sliding({ timeDifference: span, grace })
      const slideClosesAt = slides.closesAt({ startMs: at, endMs: at + span })
      expect(at <= slides.closedThrough(streamTimeMs)).toBe(streamTimeMs >= slideClosesAt)
    }),
  )
})

test('the unlimited window holds everything from its start on and never closes', () => {
  const windows = unlimited({ startMs: 100 })
  const window = { startMs: 100, endMs: Number.MAX_SAFE_INTEGER }
  expect(windows.assign(100)).toEqual([window])
  expect(windows.assign(99)).toEqual([])
  expect(windows.firstStart(99)).toBeGreaterThan(99)
  expect(windows.closedThrough(Number.MAX_SAFE_INTEGER)).toBe(-1)
})

test('windows that cannot be are refused', () => {
  const invalid = expect.objectContaining({ code: 'MILLRACE_TIME_WINDOW_INVALID' })
  expect(() => session({ gap: 0 })).toThrow(invalid)
  expect(() => sliding({ timeDifference: 2 ** 53 - 1 })).toThrow(invalid)
  expect(() => unlimited({ startMs: -1 })).toThrow(invalid)
  expect(() => session({ gap: '-5s' })).toThrow(/session gap/)
})

test('windows say in a line what they are', () => {
  expect(describeWindows(session({ gap: '30m', grace: '5m' }))).toBe('session 30m, grace 5m')
  expect(describeWindows(sliding({ timeDifference: '1h' }))).toBe('sliding 1h, grace 0ms')
  expect(describeWindows(unlimited())).toBe('unlimited from 0')
})
