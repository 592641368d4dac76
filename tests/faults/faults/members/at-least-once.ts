import type { Fault, FaultOutcome } from '../../fault.ts'
import { killAtRandom } from './kill-at-random.ts'
import { killInCommit } from './kill-in-commit.ts'
import { rebalance } from './rebalance.ts'
import { zombie } from './zombie.ts'

/**
 * The same faults without transactions: nothing is lost, and repetitions are seen. Were they not,
 * faults or oracle would show nothing about exactly-once either.
 */
export const atLeastOnce: Fault = {
  number: 5,
  title: 'faults 1 to 4, at-least-once',
  how: 'MILLRACE_GUARANTEE=at_least_once',
  guarantee: 'at_least_once',
  rounds: { short: 1, full: 3 },
  async run(run) {
    const parts = run.isShort ? [killInCommit] : [killAtRandom, killInCommit, zombie, rebalance]
    const outcomes: FaultOutcome[] = []
    for (const part of parts) {
      run.say(part.title)
      outcomes.push(await part.run(run))
    }
    const sum = (of: (outcome: FaultOutcome) => number): number =>
      outcomes.reduce((total, outcome) => total + of(outcome), 0)
    const duplicated = sum((outcome) => outcome.duplicated)
    const blind =
      duplicated === 0 ? ['no repetition was seen: the faults or the oracle are blind'] : []
    return {
      rounds: sum(({ rounds }) => rounds),
      lost: sum(({ lost }) => lost),
      duplicated,
      wrong: sum(({ wrong }) => wrong),
      firstCommitsMs: outcomes.flatMap(({ firstCommitsMs }) => firstCommitsMs),
      problems: [...outcomes.flatMap(({ problems }) => problems), ...blind],
    }
  },
}
