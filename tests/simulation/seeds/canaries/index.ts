import { simulate } from '../simulation.ts'
import { abortedRecordsRead } from './aborted-records-read.ts'
import type { Canary } from './canary.ts'
import { offsetsOutside } from './offsets-outside.ts'
import { unfencedZombie } from './unfenced-zombie.ts'

export const canaries: readonly Canary[] = [offsetsOutside, abortedRecordsRead, unfencedZombie]

export interface Sighting {
  readonly seed: number
  readonly checker: string
  readonly difference: string
}

const seedsMax = 60

/** The first seed that shows the broken rule, by a checker that was named for it. */
export async function sighting({ tampering, checkers }: Canary): Promise<Sighting | null> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failures } = await simulate(seed, 'exactly_once', tampering)
    const seen = failures.find(({ checker }) => checkers.includes(checker))
    if (seen !== undefined) {
      return { seed, checker: seen.checker, difference: seen.differences[0] ?? '' }
    }
  }
  return null
}
