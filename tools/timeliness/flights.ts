import {
  count,
  json,
  type KTable,
  mean,
  type StreamBuilder,
  string,
  topology,
  tumbling,
  type Windowed,
} from 'millrace'
import { createTestDriver, type OutputRecord } from 'millrace/testing'
import { type FlightRow, flightMessages } from '../demo/flights.ts'

export const hourMs = 3_600_000

/** Of one hour, over all airports. */
export interface Hour {
  readonly flights: number
  readonly lateShare: number
}

/** An output, and when it came: the landing of the flight that let it go. */
export interface Seen<V> {
  readonly key: unknown
  readonly value: V
  readonly seenAtMs: number
}

/** Flights as they land, without the broken ones. */
export function landings() {
  return flightMessages().filter(({ isBroken }) => !isBroken)
}

/** How many flights leave in each hour, and which share of them late. */
export function hours(
  t: StreamBuilder,
  { grace, emit }: { readonly grace: number; readonly emit?: 'final' },
): KTable<Windowed<string>, Hour> {
  return t
    .stream('flights', { key: string, value: json<FlightRow>(), nullValues: 'drop' })
    .groupBy(() => 'all', { repartition: 'together' })
    .windowedBy(tumbling({ size: hourMs, grace }))
    .aggregate({
      name: 'hours',
      of: { flights: count(), lateShare: mean(({ delay }: FlightRow) => (delay > 15 ? 1 : 0)) },
      ...(emit === undefined ? { everyUpdate: true } : { emit }),
    })
}

/** Runs a topology over all flights in the order in which they land; what came out when, and how many were late. */
export async function run<V>(
  write: (t: StreamBuilder) => void,
): Promise<{ readonly seen: readonly Seen<V>[]; readonly late: number }> {
  await using driver = await createTestDriver(topology(write), { commitAfterEachRecord: false })
  const input = driver.input<string, string>('flights', { value: string })
  const output = driver.output<unknown, V>('out')
  const seen: Seen<V>[] = []
  for (const { key, value, timestampMs, landingMs } of landings()) {
    await input.pipe(key, value, { timestampMs })
    for (const record of output.readAll()) seen.push(seenAt(record, landingMs))
  }
  return { seen, late: driver.late()['hours'] ?? 0 }
}

function seenAt<V>({ key, value }: OutputRecord<unknown, V>, seenAtMs: number): Seen<V> {
  if (value === null) throw new Error('nothing here is ever deleted')
  return { key, value, seenAtMs }
}

/** What each hour was, once all was known: by the hour's begin. */
export function truth(): ReadonlyMap<number, Hour> {
  const delays = new Map<number, number[]>()
  for (const { value, timestampMs } of landings()) {
    const startMs = timestampMs - (timestampMs % hourMs)
    const { delay } = JSON.parse(value) as FlightRow
    const known = delays.get(startMs)
    if (known === undefined) delays.set(startMs, [delay])
    else known.push(delay)
  }
  return new Map(
    [...delays].map(([startMs, all]) => {
      const late = all.filter((delay) => delay > 15).length
      return [startMs, { flights: all.length, lateShare: late / all.length }]
    }),
  )
}
