/** Seeded chance: the same seed gives the same sequence on every machine. Not for secrets. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  int(below: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T
  /** A generator of its own, so that one user's draws do not move another's. */
  fork(): Random
}

/** Mulberry32: 32 bits of state, period 2^32, ample for schedules of faults. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const bits = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const random: Random = {
    next: () => bits() / 0x1_0000_0000,
    int: (below) => Math.floor(random.next() * below),
    chance: (probability) => random.next() < probability,
    pick: (items) => items[random.int(items.length)]!,
    fork: () => seededRandom(bits()),
  }
  return random
}
