import { type Measured, seconds } from './run-alert-fault.ts'

const columns = ['alert', 'scale', 'detected', 'promised', 'cleared', 'promised', ''] as const

/** The table, one row a fault; what went wrong below its row. */
export function alertReport(rows: readonly Measured[]): string {
  const cells = rows.map(({ fault, promise, detectedInMs, clearedInMs, problems }) => [
    `${fault.alert}: ${fault.title}`,
    fault.scale === 1 ? '' : `1:${fault.scale}`,
    took(detectedInMs),
    seconds(promise.detectsInMs),
    took(clearedInMs),
    seconds(promise.clearsInMs),
    problems.length === 0 ? 'ok' : 'FAILED',
  ])
  const widths = columns.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  const lines = [line(columns)]
  rows.forEach(({ problems }, at) => {
    lines.push(line(cells[at] ?? []))
    for (const problem of problems) lines.push(`   ${problem.replaceAll('\n', '\n   ')}`)
  })
  return lines.join('\n')
}

function took(ms: number | undefined): string {
  return ms === undefined ? 'never' : seconds(ms)
}
