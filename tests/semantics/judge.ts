import type { Case } from './case.ts'
import { finalDifference, firstDifference } from './compare.ts'
import { programs } from './programs/index.ts'
import type { Program } from './programs/program.ts'
import { runCase } from './run-case.ts'

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly difference: string }
  /** The language has no such topology yet. */
  | { readonly kind: 'unsupported' }

/** Runs a case twice: with every update, record by record, and coalesced, for the last values. */
export async function judge(it: Case): Promise<Verdict> {
  const program = programs.get(it.topology)
  if (program === undefined) return { kind: 'unsupported' }
  try {
    const difference = await differenceOf(program, it)
    return difference === null ? { kind: 'passed' } : { kind: 'failed', difference }
  } catch (error) {
    return { kind: 'failed', difference: error instanceof Error ? error.message : String(error) }
  }
}

async function differenceOf(program: Program, it: Case): Promise<string | null> {
  const difference = firstDifference(it, await runCase(program, it, { everyUpdate: true }))
  if (difference !== null) return difference
  const atTheEnd = finalDifference(it, await runCase(program, it, { everyUpdate: false }))
  return atTheEnd === null ? null : `coalesced, ${atTheEnd}`
}
