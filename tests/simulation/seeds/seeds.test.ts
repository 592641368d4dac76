import { expect, test } from 'vitest'
import { failureText } from '../command/failure-text.ts'
import { canaries, sighting } from './canaries/index.ts'
import { simulate } from './simulation.ts'

const count = Number(process.env['SIMULATION_SEEDS'] ?? 20)
const seeds = Array.from({ length: count }, (_, n) => n + 1)

test.each(seeds)('seed %i, exactly once: no checker finds a difference', async (seed) => {
  expect(failureText(await simulate(seed, 'exactly_once'))).toBe(null)
})

test('at least once: nothing is lost, and something is repeated', async () => {
  let repeated = 0
  for (const seed of seeds.slice(0, Math.ceil(count / 3))) {
    const outcome = await simulate(seed, 'at_least_once')
    expect(failureText(outcome)).toBe(null)
    repeated += outcome.repeated
  }
  expect(repeated).toBeGreaterThan(0)
})

test('a seed replays to the same trace; another seed, and another guarantee, give another', async () => {
  const first = await simulate(3, 'exactly_once')
  const again = await simulate(3, 'exactly_once')
  expect(again.trace).toBe(first.trace)
  expect(again.story).toEqual(first.story)
  const others = [await simulate(4, 'exactly_once'), await simulate(3, 'at_least_once')]
  for (const { trace } of others) expect(trace).not.toBe(first.trace)
})

test.each(canaries)('the broken rule is seen: $name', { timeout: 120_000 }, async (canary) => {
  expect(await sighting(canary)).not.toBe(null)
})
