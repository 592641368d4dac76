// `npm run -s conformance -- <files or folders>`: every *.jsonl given, through programs in the public
// language. Exit 1 where a case fails; the last line is `N passed, N failed[, N skipped]`.

import { join } from 'node:path'
import { type Case, caseFiles, readCases } from './case.ts'
import { judge, type Verdict } from './judge.ts'
import { runNamed } from './named/main.ts'

const isNamed = process.argv.includes('--named')
const paths = process.argv.slice(2).filter((path) => path !== '--named')
if (isNamed) {
  const named = paths.length > 0 ? paths : [join(import.meta.dirname, 'cases', 'named.json')]
  process.exit((await runNamed(named)) ? 0 : 1)
}
const files = caseFiles(paths.length > 0 ? paths : [join(import.meta.dirname, 'cases')])
const totals = { passed: 0, failed: 0, unsupported: 0 }

for (const file of files) {
  for (const [topology, cases] of Map.groupBy(readCases(file), (it) => it.topology)) {
    report(topology, await judgeAll(cases))
  }
}
const skipped = totals.unsupported > 0 ? `, ${totals.unsupported} skipped` : ''
console.log(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
if (files.length === 0) console.error(`no *.jsonl in ${paths.join(' ')}`)
process.exitCode = totals.failed > 0 || files.length === 0 ? 1 : 0

async function judgeAll(cases: readonly Case[]): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  for (const it of cases) verdicts.set(it.id, await judge(it))
  return verdicts
}

function report(topology: string, verdicts: ReadonlyMap<string, Verdict>): void {
  const counts = { passed: 0, failed: 0, unsupported: 0 }
  for (const { kind } of verdicts.values()) {
    counts[kind]++
    totals[kind]++
  }
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  console.log(`${topology}: ${parts.map(([kind, count]) => `${count} ${kind}`).join(', ')}`)
  for (const [id, verdict] of verdicts) {
    if (verdict.kind !== 'failed') continue
    console.log(`  ${id}: ${verdict.difference}`)
    break
  }
}
