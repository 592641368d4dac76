import { type CommitStep, commitSteps } from '@millrace/runtime'
import { type FaultRates, type Random, seededRandom } from '@millrace/simulation'

/** Something that happens to the cluster or to one machine; `machine` counts from 0 and around. */
export type Happening = { readonly atMs: number; readonly machine: number } & (
  | { readonly kind: 'kill'; readonly restartMs: number; readonly losesDisk: boolean }
  | {
      readonly kind: 'kill at commit'
      readonly step: CommitStep
      readonly nth: number
      readonly restartMs: number
      readonly losesDisk: boolean
    }
  | { readonly kind: 'freeze'; readonly forMs: number }
  | {
      readonly kind: 'freeze at commit'
      readonly step: CommitStep
      readonly nth: number
      readonly forMs: number
    }
  | { readonly kind: 'leave'; readonly restartMs: number }
  | { readonly kind: 'join' }
  | { readonly kind: 'slow disk'; readonly latencyMs: number; readonly forMs: number }
  | { readonly kind: 'clock jump'; readonly byMs: number }
  | { readonly kind: 'broker restart'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'compact' }
)

/** All that a seed decides beforehand. */
export interface Scenario {
  readonly seed: number
  readonly machineCount: number
  readonly commitIntervalMs: number
  readonly markerDelayMs: number
  readonly rates: FaultRates
  /** Moves of a leader or a coordinator, per request. */
  readonly moveRate: number
  readonly happenings: readonly Happening[]
  readonly feed: Random
  readonly faults: Random
  readonly disks: Random
  readonly processes: Random
}

/** How long things go wrong. */
export const troubleMs = 30_000
export const sessionTimeoutMs = 6_000
const calmAtStartMs = 2_500

export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(seed)
  const [feed, faults, disks, processes] = [
    random.fork(),
    random.fork(),
    random.fork(),
    random.fork(),
  ]
  const severity = random.pick([0, 0.3, 1])
  const happenings = Array.from({ length: 3 + random.int(6) }, () => happening(random))
  return {
    seed,
    machineCount: 2 + random.int(2),
    commitIntervalMs: random.pick([100, 300, 1_000]),
    markerDelayMs: random.pick([0, 5, 100, 2_500]),
    rates: {
      delay: 0.04 * severity,
      delayMaxMs: 400,
      disconnect: 0.01 * severity,
      lostAnswer: 0.015 * severity,
      repeat: 0.01 * severity,
      passingError: 0.01 * severity,
    },
    moveRate: random.pick([0, 0.002, 0.005]),
    happenings: happenings.toSorted((a, b) => a.atMs - b.atMs),
    feed,
    faults,
    disks,
    processes,
  }
}

function happening(random: Random): Happening {
  const atMs = calmAtStartMs + random.int(troubleMs - 2 * calmAtStartMs)
  const base = { atMs, machine: random.int(12) }
  const step = random.pick(commitSteps)
  const nth = 1 + random.int(3)
  // Half of the restarts come before the session ends, half after it.
  const restartMs = random.pick([200, 1_500, 8_000, 12_000])
  const losesDisk = random.chance(0.3)
  const forMs = random.pick([500, 5_000, 8_000, 13_000])
  switch (random.int(12)) {
    case 0:
    case 1:
      return { ...base, kind: 'kill', restartMs, losesDisk }
    case 2:
    case 3:
    case 4:
      return { ...base, kind: 'kill at commit', step, nth, restartMs, losesDisk }
    case 5:
      return { ...base, kind: 'freeze', forMs }
    case 6:
      return { ...base, kind: 'freeze at commit', step, nth, forMs }
    case 7:
      return { ...base, kind: 'leave', restartMs }
    case 8:
      return { ...base, kind: 'join' }
    case 9:
      return { ...base, kind: 'slow disk', latencyMs: random.pick([20, 200, 900]), forMs: 5_000 }
    case 10:
      return random.chance(0.5)
        ? { ...base, kind: 'clock jump', byMs: random.pick([-3_600_000, -5_000, 5_000, 3_600_000]) }
        : { ...base, kind: 'compact' }
    default:
      return {
        ...base,
        kind: 'broker restart',
        node: 1 + random.int(3),
        forMs: 500 + random.int(2_500),
      }
  }
}
