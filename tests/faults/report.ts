import type { Fault, FaultOutcome } from './fault.ts'

/** A row of the table: a fault, or a part of one. */
export interface Row {
  readonly fault: Fault
  readonly outcome: FaultOutcome
}

const columns = [
  'fault',
  'rounds',
  'lost',
  'duplicated',
  'wrong intermediates',
  'first commit, s (median, max)',
  '',
] as const

/** The table, one row a fault; what went wrong below its row. */
export function reportOf(rows: readonly Row[]): string {
  const cells = rows.map(({ fault, outcome }) => [
    `${String(fault.number).padStart(2)} ${fault.title}`,
    ...[outcome.rounds, outcome.lost, outcome.duplicated, outcome.wrong].map(String),
    secondsOf(outcome.firstCommitsMs),
    resultOf(outcome),
  ])
  const widths = columns.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  const lines = [line(columns)]
  rows.forEach(({ outcome }, i) => {
    lines.push(line(cells[i] ?? []))
    for (const problem of outcome.problems) lines.push(`   ${problem.replaceAll('\n', '\n   ')}`)
  })
  return lines.join('\n')
}

function resultOf({ problems, isUnjudged = false }: FaultOutcome): string {
  if (problems.length === 0) return 'passed'
  return isUnjudged ? 'NOT JUDGED' : 'FAILED'
}

function secondsOf(durationsMs: readonly number[]): string {
  if (durationsMs.length === 0) return '-'
  const sorted = durationsMs.toSorted((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return [median, sorted.at(-1) ?? 0].map((ms) => (ms / 1_000).toFixed(1)).join(', ')
}
