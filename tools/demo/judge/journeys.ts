import type { BatchRecord } from './batch-record.ts'

export interface JourneySpec {
  /** A landing so long after its departure still belongs to it. */
  readonly afterMs: number
  readonly graceMs: number
}

/** A result of the join, as it is written. */
export interface Journey {
  readonly origin: string
  readonly destination: string
  /** Null where no landing came. */
  readonly minutes: number | null
  /** The city, null for an airport that is not known. */
  readonly from: string | null
}

interface Movement {
  readonly kind: 'departed' | 'landed'
  readonly origin: string
  readonly destination: string
  readonly atMs: number
}

/**
 * By flight. A departure whose landing does not come has its result, without one, as soon as time has
 * passed the end of its window and the grace; those still open at the end have none.
 */
export function computeJourneys(
  partitions: readonly (readonly BatchRecord[])[],
  cityOf: ReadonlyMap<string, string>,
  { afterMs, graceMs }: JourneySpec,
): ReadonlyMap<string, Journey> {
  const journeys = new Map<string, Journey>()
  for (const records of partitions) {
    const movements = Map.groupBy(records, ({ key }) => key)
    const endMs = Math.max(-1, ...records.map(({ timestampMs }) => timestampMs))
    for (const [flight, of] of movements) {
      const all = of.map(({ value }) => JSON.parse(value) as Movement)
      const departure = all.find(({ kind }) => kind === 'departed')
      if (departure === undefined) continue
      const { origin, destination, atMs } = departure
      const landing = all.find((one) => one.kind === 'landed' && one.atMs <= atMs + afterMs)
      if (landing === undefined && endMs <= atMs + afterMs + graceMs) continue
      const minutes = landing === undefined ? null : (landing.atMs - atMs) / 60_000
      journeys.set(flight, { origin, destination, minutes, from: cityOf.get(origin) ?? null })
    }
  }
  return journeys
}
