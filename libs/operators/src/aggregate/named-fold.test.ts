import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { count, custom, max, mean, min, sum } from './named-aggregate.ts'
import { namedFold } from './named-fold.ts'

interface Flight {
  readonly delay: number
  readonly distance: number | null
}

const aggregates = {
  flights: count(),
  delay: sum((flight: Flight) => flight.delay),
  meanDistance: mean((flight: Flight) => flight.distance),
  nearest: min((flight: Flight) => flight.distance),
  farthest: max((flight: Flight) => flight.distance),
  delays: custom({
    initial: (): number[] => [],
    add: (delays, flight: Flight) => [...delays, flight.delay],
    result: (delays) => delays.join(' '),
  }),
}

function folded(
  flights: readonly Flight[],
  fold = namedFold<string, Flight, typeof aggregates>(aggregates),
) {
  let state: unknown[] | null = null
  for (const value of flights) {
    const record = { key: 'ATL', value, timestampMs: 0, headers: noHeaders }
    state = fold.add(state, value, 'ATL', record)
    // What a store does to it between two commits.
    state = JSON.parse(JSON.stringify(state)) as unknown[]
  }
  return fold.result(state ?? [])
}

test('several aggregates come out of one pass, by their names', () => {
  const flights = [
    { delay: 5, distance: 100 },
    { delay: -2, distance: 300 },
    { delay: 9, distance: null },
  ]
  expect(folded(flights)).toEqual({
    flights: 3,
    delay: 12,
    meanDistance: 200,
    nearest: 100,
    farthest: 300,
    delays: '5 -2 9',
  })
})

test('where no value had a number, the mean and the extremes are null, the sum is 0', () => {
  expect(folded([{ delay: 0, distance: null }])).toMatchObject({
    delay: 0,
    meanDistance: null,
    nearest: null,
    farthest: null,
  })
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, '5' as never])(
  'a selector that gives %s is refused, and no aggregate has taken the value in',
  (delay) => {
    const fold = namedFold<string, Flight, typeof aggregates>(aggregates)
    const record = {
      key: 'ATL',
      value: { delay: 1, distance: 1 },
      timestampMs: 0,
      headers: noHeaders,
    }
    const state = fold.add(null, record.value, 'ATL', record)
    const before = JSON.stringify(state)
    expect(() => fold.add(state, { delay, distance: 2 }, 'ATL', record)).toThrow(
      expect.objectContaining({ code: 'MILLRACE_OPERATORS_NOT_A_NUMBER' }),
    )
    expect(JSON.stringify(state)).toBe(before)
  },
)

test('the order in which the aggregates are written does not change the state', () => {
  const there = namedFold({
    a: count(),
    b: sum((f: Flight) => f.delay),
  })
  const back = namedFold({
    b: sum((f: Flight) => f.delay),
    a: count(),
  })
  const record = { key: 'k', value: { delay: 7, distance: 1 }, timestampMs: 0, headers: noHeaders }
  expect(there.add(null, record.value, 'k', record)).toEqual([1, 7])
  expect(back.add(null, record.value, 'k', record)).toEqual([1, 7])
  expect(there.detail).toBe('a: count, b: sum')
  expect(back.detail).toBe('a: count, b: sum')
})

test('a custom aggregate cannot be deleted', () => {
  const fold = namedFold({
    a: custom({ initial: () => 0, add: () => null }),
  })
  const record = { key: 'k', value: 1, timestampMs: 0, headers: noHeaders }
  expect(() => fold.add(null, 1, 'k', record)).toThrow(
    expect.objectContaining({ code: 'MILLRACE_OPERATORS_NO_RESULT' }),
  )
})
