import type { Windowed } from 'millrace'
import { type Hour, hourMs, hours, landings, run, type Seen, truth } from './flights.ts'
import { hoursText, mean, percent, points, quantile } from './numbers.ts'

const graces = [0, 1, 2, 4, 6, 8]

/** What grace costs in delay, and what too little of it costs in errors. */
export async function measureGrace(): Promise<readonly (readonly string[])[]> {
  const known = truth()
  const flights = landings().length
  const rows: string[][] = []
  for (const grace of graces) {
    const { seen, late } = await run<Hour>((t) =>
      hours(t, { grace: grace * hourMs, emit: 'final' }).to('out'),
    )
    const waits = seen.map((result) => (result.seenAtMs - windowOf(result).endMs) / hourMs)
    const right = seen.filter(({ value, key }) => {
      return known.get(windowOf({ key }).startMs)?.flights === value.flights
    })
    const errors = seen.map(({ key, value }) => {
      return Math.abs((known.get(windowOf({ key }).startMs)?.lateShare ?? 0) - value.lateShare)
    })
    rows.push([
      `${grace} h`,
      hoursText(quantile(waits, 0.5)),
      hoursText(quantile(waits, 0.95)),
      percent(late / flights),
      percent(right.length / known.size),
      points(mean(errors)),
    ])
  }
  return rows
}

export const graceColumns = [
  'grace',
  'wait, median',
  'wait, 95 %',
  'flights left out',
  'hours that are right',
  'mean error of the late share',
]

export function windowOf({ key }: Pick<Seen<unknown>, 'key'>): Windowed<string>['window'] {
  return (key as Windowed<string>).window
}
