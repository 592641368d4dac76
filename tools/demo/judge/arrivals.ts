import { type BatchRecord, flightOf } from './batch-record.ts'

const dayMs = 24 * 60 * 60_000

/**
 * Flights to each airport, by `destination@dayStartMs`: all of them. Within each partition flights
 * come less than two days out of order, and no partition may make another one's late.
 */
export function computeArrivals(
  partitions: readonly (readonly BatchRecord[])[],
): ReadonlyMap<string, number> {
  const arrivals = new Map<string, number>()
  for (const { value, timestampMs } of partitions.flat()) {
    const flight = flightOf(value)
    if (flight === undefined) continue
    const id = `${flight.destination}@${Math.floor(timestampMs / dayMs) * dayMs}`
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1)
  }
  return arrivals
}
