import { expect, test } from 'vitest'
import { fetched } from '../testing/fetched.ts'
import { InputFrontier } from './input-frontier.ts'

const one = { topic: 'in', partition: 0 }
const two = { topic: 'in', partition: 1 }

const endsAt = (at: typeof one, end: number) => fetched(at, end, [], { lastStableOffset: end })

test('all that could be read when an answer came is in the results once they are committed', () => {
  // answers   1 s: to 10     2 s: to 20      3 s: to 30
  // commits             5           12   20            30
  const frontier = new InputFrontier([one], 0)
  frontier.answered(endsAt(one, 10), 1_000)
  frontier.committed([{ ...one, offset: 5 }])
  expect([frontier.throughMs, frontier.hasCaughtUp]).toEqual([0, false])
  frontier.answered(endsAt(one, 20), 2_000)
  frontier.committed([{ ...one, offset: 12 }])
  expect([frontier.throughMs, frontier.hasCaughtUp]).toEqual([1_000, true])
  frontier.committed([{ ...one, offset: 20 }])
  expect(frontier.throughMs).toBe(2_000)
  frontier.answered(endsAt(one, 30), 3_000)
  expect(frontier.throughMs).toBe(2_000)
  frontier.committed([{ ...one, offset: 30 }])
  expect(frontier.throughMs).toBe(3_000)
})

test('a silent partition is as good as its last answer, and the slowest partition decides', () => {
  const frontier = new InputFrontier([one, two], 0)
  frontier.committed([one, two].map((at) => ({ ...at, offset: 7 })))
  for (const atMs of [1_000, 60_000]) frontier.answered(endsAt(one, 7), atMs)
  expect(frontier.throughMs).toBe(0)
  frontier.answered(endsAt(two, 7), 40_000)
  expect(frontier.throughMs).toBe(40_000)
})

test('what is remembered is bounded, and what is forgotten makes nothing look fresher', () => {
  const frontier = new InputFrontier([one], 0)
  for (let second = 1; second <= 10_000; second++)
    frontier.answered(endsAt(one, second), second * 1_000)
  frontier.committed([{ ...one, offset: 5_000 }])
  expect(frontier.throughMs).toBeLessThanOrEqual(5_000_000)
  frontier.committed([{ ...one, offset: 10_000 }])
  expect(frontier.throughMs).toBe(10_000_000)
})
