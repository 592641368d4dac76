import { describe, expect, test } from 'vitest'
import { seededRandom } from './prng.ts'

describe('seeded chance', () => {
  test('repeats itself for a seed and differs between seeds', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed)
      return Array.from({ length: 20 }, () => random.int(1_000))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  test('is even enough: every tenth is drawn about as often', () => {
    const random = seededRandom(1)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let i = 0; i < 10_000; i++) counts[random.int(10)]!++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1_150)
  })

  test('keeps a fork apart from the draws of its parent', () => {
    const [a, b] = [seededRandom(3), seededRandom(3)]
    const [forkA, forkB] = [a.fork(), b.fork()]
    a.next()
    expect(forkA.next()).toBe(forkB.next())
  })

  test('a chance of nought never comes, of one always', () => {
    const random = seededRandom(5)
    const draws = Array.from({ length: 1_000 }, () => [random.chance(0), random.chance(1)])
    expect(draws.every(([never, always]) => !never && always)).toBe(true)
  })
})
