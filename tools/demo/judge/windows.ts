import { type BatchRecord, flightOf } from './batch-record.ts'

export interface WindowedSpec {
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
}

/** One window's result; means and shares are exact since delays are whole minutes. */
export interface DelayStatistics {
  readonly flights: number
  readonly meanDelay: number
  readonly lateShare: number
}

export interface BatchResult {
  /** By `origin@windowStartMs`. */
  readonly windows: ReadonlyMap<string, DelayStatistics>
  /** Pairs of record and window that came after the window's close. */
  readonly late: number
  readonly undecodable: number
}

/**
 * The same statistics computed from the whole topic at once, without any of Millrace's code. Each partition is read in offset order with its own stream time, because that is
 * what decides whether a record is late: end + grace <= the largest departure seen so far.
 */
export function computeBatch(
  partitions: readonly (readonly BatchRecord[])[],
  spec: WindowedSpec,
): BatchResult {
  const sums = new Map<string, { flights: number; delay: number; late: number }>()
  let late = 0
  let undecodable = 0
  for (const records of partitions) {
    let streamTimeMs = -1
    for (const record of records) {
      const flight = flightOf(record.value)
      if (flight === undefined) {
        undecodable += 1
        continue
      }
      streamTimeMs = Math.max(streamTimeMs, record.timestampMs)
      for (const startMs of windowStarts(record.timestampMs, spec)) {
        if (startMs + spec.sizeMs + spec.graceMs <= streamTimeMs) {
          late += 1
          continue
        }
        const id = `${record.key}@${startMs}`
        const sum = sums.get(id) ?? { flights: 0, delay: 0, late: 0 }
        sums.set(id, sum)
        sum.flights += 1
        sum.delay += flight.delay
        sum.late += flight.delay > 15 ? 1 : 0
      }
    }
  }
  const windows = new Map<string, DelayStatistics>()
  for (const [id, { flights, delay, late: delayed }] of sums) {
    windows.set(id, { flights, meanDelay: delay / flights, lateShare: delayed / flights })
  }
  return { windows, late, undecodable }
}

/** Every multiple of the advance whose window holds the timestamp. */
function windowStarts(timestampMs: number, { sizeMs, advanceMs }: WindowedSpec): number[] {
  const starts: number[] = []
  const latest = Math.floor(timestampMs / advanceMs) * advanceMs
  for (let start = latest; start > timestampMs - sizeMs && start >= 0; start -= advanceMs)
    starts.push(start)
  return starts
}
