import type { Fault, FaultOutcome, Guarantee } from './fault.ts'

export interface FaultSettings {
  readonly brokers: string
  readonly isShort: boolean
  readonly seed: number
  /** Instead of the fault's own. */
  readonly guarantee?: Guarantee
  readonly rounds?: number
  readonly print: (line: string) => void
}

/** Runs one fault; what it throws is a problem like any other. */
export async function runFault(fault: Fault, settings: FaultSettings): Promise<FaultOutcome> {
  const { brokers, isShort, seed, print } = settings
  const startedAtMs = performance.now()
  const say = (line: string): void => {
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)
    print(`  ${seconds} s  ${line}`)
  }
  const rounds = settings.rounds ?? (isShort ? fault.rounds.short : fault.rounds.full)
  const guarantee = settings.guarantee ?? fault.guarantee
  print(`${fault.number} ${fault.title}, ${guarantee.replaceAll('_', '-')}, seed ${seed}`)
  try {
    return await fault.run({ brokers, isShort, seed, rounds, guarantee, say })
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const counts = { lost: 0, duplicated: 0, wrong: 0 }
    return { rounds, ...counts, firstCommitsMs: [], problems: [text], isUnjudged: true }
  }
}
