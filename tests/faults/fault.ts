export type Guarantee = 'exactly_once' | 'at_least_once'

/** What a fault is run with. */
export interface FaultRun {
  /** A running broker, for faults that leave it alone. */
  readonly brokers: string
  readonly guarantee: Guarantee
  /** How often the fault strikes. */
  readonly rounds: number
  /** Short runs have fewer keys and shorter time-outs. */
  readonly isShort: boolean
  /** Repeats what was decided by chance; printed with the result. */
  readonly seed: number
  /** One line of what happens, with its time. */
  readonly say: (line: string) => void
}

/** What a run showed. A fault is passed where nothing is in `problems`. */
export interface FaultOutcome {
  readonly rounds: number
  readonly lost: number
  readonly duplicated: number
  readonly wrong: number
  /** From each strike to the first commit of every task that was struck. */
  readonly firstCommitsMs: readonly number[]
  readonly problems: readonly string[]
  /** It fell over before the oracle spoke: the counts say nothing. */
  readonly isUnjudged?: boolean
}

/** One row of `faults.md`, section 4. */
export interface Fault {
  readonly number: number
  readonly title: string
  /** How it is made, in a few words. */
  readonly how: string
  readonly guarantee: Guarantee
  readonly rounds: { readonly short: number; readonly full: number }
  run(run: FaultRun): Promise<FaultOutcome>
}
