import { type AlertEvent, alertRule, alerts } from 'millrace/alerts'
import { type Hour, hourMs, hours, run } from './flights.ts'
import { hoursText, percent, quantile } from './numbers.ts'

interface Setting {
  readonly for: number
  readonly keepFiringFor: number
  readonly clearBelow: number
}

const threshold = 0.35

const settings: readonly Setting[] = [
  { for: 0, keepFiringFor: 0, clearBelow: threshold },
  { for: 1, keepFiringFor: 0, clearBelow: threshold },
  { for: 2, keepFiringFor: 0, clearBelow: threshold },
  { for: 3, keepFiringFor: 0, clearBelow: threshold },
  { for: 0, keepFiringFor: 0, clearBelow: 0.2 },
  { for: 1, keepFiringFor: 2, clearBelow: 0.2 },
]

/** What `for`, a clearing threshold and `keepFiringFor` cost and spare, on final results by the hour. */
export async function measureFor(): Promise<readonly (readonly string[])[]> {
  const rows: string[][] = []
  for (const setting of settings) {
    const events = await eventsWith(setting)
    const firing = events.filter(({ status }) => status === 'firing')
    const ended = events.filter(({ status }) => status === 'resolved')
    const lasted = ended.map(({ firedAtMs, resolvedAtMs }) => {
      return ((resolvedAtMs ?? firedAtMs) - firedAtMs) / hourMs
    })
    const short = lasted.filter((hoursLong) => hoursLong <= 1).length
    rows.push([
      `${setting.for} h`,
      setting.clearBelow === threshold ? 'none' : percent(setting.clearBelow),
      `${setting.keepFiringFor} h`,
      String(firing.length),
      percent(short / Math.max(1, ended.length)),
      hoursText(quantile(lasted, 0.5)),
    ])
  }
  return rows
}

export const forColumns = [
  '`for`',
  'clearing threshold',
  '`keepFiringFor`',
  'alerts in three months',
  'over within an hour',
  'lasted, median',
]

async function eventsWith(setting: Setting): Promise<readonly AlertEvent[]> {
  const { seen } = await run<AlertEvent>((t) => {
    const rule = alertRule<string, Hour>({
      name: 'many-late',
      severity: 'warning',
      summary: 'Many flights leave late.',
      runbook: 'https://example.org/late',
      when: ({ value }) => value.flights >= 5 && value.lateShare > threshold,
      clearWhen: ({ value }) => value.flights >= 5 && value.lateShare <= setting.clearBelow,
      for: setting.for * hourMs,
      keepFiringFor: setting.keepFiringFor * hourMs,
    })
    alerts(hours(t, { grace: 4 * hourMs, emit: 'final' }), rule).to('out')
  })
  return seen.map(({ value }) => value)
}
