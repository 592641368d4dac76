import { expect, test } from 'vitest'
import { hopping, tumbling } from './time-windows.ts'

const starts = (windows: readonly { startMs: number }[]) => windows.map(({ startMs }) => startMs)

test("a record at the window's end belongs to the next window", () => {
  // [0-----)
  //        [5s----)
  expect(tumbling({ size: '5s' }).assign(5_000)).toEqual([{ startMs: 5_000, endMs: 10_000 }])
})

test('windows are aligned to the epoch, whatever the first record (W01)', () => {
  expect(tumbling({ size: 12 }).assign(21)).toEqual([{ startMs: 12, endMs: 24 }])
})

test('a record is in every hopping window that holds it, ascending (W02)', () => {
  // 10 .. 22
  //      15 .. 27
  //           20 .. 32
  expect(starts(hopping({ size: 12, advance: 5 }).assign(21))).toEqual([10, 15, 20])
})

test('where windows barely overlap, a record is in one or in two (W03)', () => {
  const windows = hopping({ size: 6, advance: 5 })
  expect(starts(windows.assign(7))).toEqual([5])
  expect(starts(windows.assign(5))).toEqual([0, 5])
})

test('no window starts before the epoch', () => {
  expect(starts(hopping({ size: 12, advance: 5 }).assign(0))).toEqual([0])
  expect(starts(hopping({ size: 12, advance: 5 }).assign(6))).toEqual([0, 5])
})

test('a window closes at its end plus grace, and stream time equal to it finds it closed', () => {
  const windows = tumbling({ size: 10, grace: 90 })
  expect(windows.closesAt({ startMs: 100, endMs: 110 })).toBe(200)
  expect(windows.closedThrough(199)).toBe(90)
  expect(windows.closedThrough(200)).toBe(100)
})

test('without grace a window closes at its end: there is no hidden grace', () => {
  expect(tumbling({ size: 10 }).graceMs).toBe(0)
})

test('before any window is closed, none is', () => {
  expect(tumbling({ size: 10, grace: 5 }).closedThrough(-1)).toBe(-1)
  expect(tumbling({ size: 10, grace: 5 }).closedThrough(14)).toBe(-1)
  expect(tumbling({ size: 10, grace: 5 }).closedThrough(15)).toBe(0)
})

test.each([
  ['an advance of 0', () => hopping({ size: 10, advance: 0 })],
  ['an advance below 0', () => hopping({ size: 10, advance: -1 })],
  ['an advance above the size', () => hopping({ size: 10, advance: 11 })],
  ['a grace below 0', () => tumbling({ size: 3, grace: -1 })],
  ['a size of 0', () => tumbling({ size: 0 })],
])('%s is refused (W04)', (_what, make) => {
  expect(make).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^MILLRACE_TIME_/) as string }),
  )
})
