import topology from '../../../services/processor/src/topologies/flights.ts'
import type { GoldenInput, GoldenProgram } from '../golden-program.ts'

const minuteMs = 60_000
const graceMs = 240 * minuteMs

/** Real flights of the first days of 2001, by landing, with a few that are wrong, without value or very late. */
export const flights: GoldenProgram = {
  topology,
  outputs: ['delays-15m', 'delays-1h', 'flights-late'],
  resultTopics: ['delays-15m', 'delays-1h'],
  isRekeyed: false,
  magnitude: ({ flights }: { flights: number }) => flights,
  batch(input) {
    const results = new Map<string, unknown>()
    windowed(input, 'delays-15m', 15 * minuteMs, results)
    windowed(input, 'delays-1h', 60 * minuteMs, results)
    return results
  },
}

/** Windows begin on every quarter of an hour, whatever their size. */
function windowed(
  input: readonly GoldenInput[],
  topic: string,
  sizeMs: number,
  results: Map<string, unknown>,
): void {
  const delays = new Map<string, number[]>()
  let streamTimeMs = -1
  for (const { key, value, timestampMs } of input) {
    const flight = value as { readonly delay: number } | null
    if (key === null || flight === null || Math.abs(flight.delay) >= 24 * 60) continue
    streamTimeMs = Math.max(streamTimeMs, timestampMs)
    const quarter = Math.floor(timestampMs / (15 * minuteMs)) * 15 * minuteMs
    for (let start = quarter; start + sizeMs > timestampMs; start -= 15 * minuteMs) {
      if (start + sizeMs + graceMs <= streamTimeMs) continue
      const name = `${topic} ${key} @${start}`
      delays.set(name, [...(delays.get(name) ?? []), flight.delay])
    }
  }
  for (const [name, of] of delays) {
    const meanDelay = of.reduce((sum, delay) => sum + delay, 0) / of.length
    const lateShare = of.filter((delay) => delay > 15).length / of.length
    results.set(name, { flights: of.length, meanDelay, lateShare })
  }
}
