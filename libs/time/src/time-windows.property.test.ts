import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hopping } from './time-windows.ts'

const specs = fc
  .record({ advance: fc.integer({ min: 1, max: 50 }), extra: fc.integer({ min: 0, max: 200 }) })
  .map(({ advance, extra }) => ({ advance, size: advance + extra }))
const timestamps = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: 0, max: 2 ** 50 }),
)

test('a record is in exactly the windows that hold it', () => {
  fc.assert(
    fc.property(specs, fc.integer({ min: 0, max: 1_000 }), ({ size, advance }, timestampMs) => {
      const holding: number[] = []
      for (let start = 0; start <= timestampMs; start += advance) {
        if (timestampMs < start + size) holding.push(start)
      }
      const assigned = hopping({ size, advance }).assign(timestampMs)
      expect(assigned.map(({ startMs }) => startMs)).toEqual(holding)
    }),
  )
})

test('past the first window, a record is in size / advance windows where that is whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      timestamps,
      (advance, times, afterMs) => {
        const size = advance * times
        expect(hopping({ size, advance }).assign(size + afterMs)).toHaveLength(times)
      },
    ),
  )
})

test('a window is closed exactly from closesAt on, read forwards or backwards', () => {
  fc.assert(
    fc.property(specs, fc.nat(300), timestamps, fc.nat(1_000), (spec, grace, at, ahead) => {
      const windows = hopping({ ...spec, grace })
      const streamTimeMs = at + ahead
      for (const window of windows.assign(at)) {
        const isClosed = window.startMs <= windows.closedThrough(streamTimeMs)
        expect(isClosed).toBe(streamTimeMs >= windows.closesAt(window))
      }
    }),
  )
})
