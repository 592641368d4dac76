import { type Hour, hourMs, hours, run, truth } from './flights.ts'
import { windowOf } from './measure-grace.ts'
import { mean, percent, points } from './numbers.ts'

/** Looked at so long after the hour's end. */
const waits = [0, 0.5, 1, 2, 4, 8]

/** What early results are worth: how much of an hour is known, and how wrong it is, some time after its end. */
export async function measureEarly(): Promise<readonly (readonly string[])[]> {
  const { seen } = await run<Hour>((t) => hours(t, { grace: 12 * hourMs }).to('out'))
  const updates = Map.groupBy(seen, (result) => windowOf(result).startMs)
  return waits.map((wait) => {
    const shares: number[] = []
    const errors: number[] = []
    for (const [startMs, { flights, lateShare }] of truth()) {
      const atMs = startMs + hourMs + wait * hourMs
      const last = updates.get(startMs)?.findLast(({ seenAtMs }) => seenAtMs <= atMs)
      shares.push((last?.value.flights ?? 0) / flights)
      if (last !== undefined) errors.push(Math.abs(last.value.lateShare - lateShare))
    }
    const some = errors.length / shares.length
    return [`${wait} h`, percent(some), percent(mean(shares)), points(mean(errors))]
  })
}

export const earlyColumns = [
  'after the end of the hour',
  'hours with a result',
  'flights known of an hour, mean',
  'mean error of the late share, where there is one',
]
