// `npm run -s conformance -- --named [files]`: the cases with names, each through a program in the
// public language. Exit 1 where one fails; the last line is `N passed, N failed[, N skipped]`.

import { decidedOtherwise } from './decided-otherwise.ts'
import { adapters } from './index.ts'
import { type NamedCase, readNamedCases } from './named-case.ts'

export async function runNamed(files: readonly string[]): Promise<boolean> {
  const totals = { passed: 0, failed: 0, skipped: 0 }
  const all = files.flatMap(readNamedCases)
  for (const [group, cases] of Map.groupBy(all, (it) => it.group)) {
    const lines: string[] = []
    for (const it of cases) {
      const verdict = await judgeNamed(it)
      totals[verdict.kind]++
      if (verdict.kind !== 'passed') lines.push(`  ${it.id} ${verdict.kind}: ${verdict.why}`)
    }
    console.log(
      [`${group}: ${cases.length - lines.length} of ${cases.length} passed`, ...lines].join('\n'),
    )
  }
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''
  console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
  return totals.failed === 0 && all.length > 0
}

export type NamedVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed' | 'skipped'; readonly why: string }

/** Runs a case with its adapter; one that was decided otherwise is skipped, where what holds instead does. */
export async function judgeNamed(it: NamedCase): Promise<NamedVerdict> {
  const otherwise = decidedOtherwise.get(it.id)
  const adapter = otherwise?.instead ?? adapters.get(it.group)
  if (adapter === undefined) return { kind: 'skipped', why: `no program for group ${it.group}` }
  try {
    const difference = await adapter(it)
    if (difference !== null) return { kind: 'failed', why: difference }
    return otherwise === undefined ? { kind: 'passed' } : { kind: 'skipped', why: otherwise.reason }
  } catch (error) {
    return { kind: 'failed', why: error instanceof Error ? error.message : String(error) }
  }
}
