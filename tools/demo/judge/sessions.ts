import { type BatchRecord, flightOf } from './batch-record.ts'

export interface SessionSpec {
  readonly gapMs: number
  readonly graceMs: number
}

interface Session {
  readonly firstMs: number
  readonly lastMs: number
  readonly flights: number
}

/**
 * Flights of each busy period, by `origin@first-last`. A session closes when the partition's time
 * passes last + gap + grace; a closed one takes no more, and what would be closed at once is late.
 */
export function computeSessions(
  partitions: readonly (readonly BatchRecord[])[],
  spec: SessionSpec,
): ReadonlyMap<string, number> {
  const results = new Map<string, number>()
  for (const records of partitions) {
    const sessions = new Map<string, readonly Session[]>()
    let streamTimeMs = -1
    for (const { key, value, timestampMs } of records) {
      if (flightOf(value) === undefined) continue
      streamTimeMs = Math.max(streamTimeMs, timestampMs)
      const closedBeforeMs = streamTimeMs - spec.graceMs - spec.gapMs
      sessions.set(key, withFlight(sessions.get(key) ?? [], timestampMs, closedBeforeMs, spec))
    }
    for (const [key, all] of sessions) {
      for (const { firstMs, lastMs, flights } of all)
        results.set(`${key}@${firstMs}-${lastMs}`, flights)
    }
  }
  return results
}

function withFlight(
  sessions: readonly Session[],
  atMs: number,
  closedBeforeMs: number,
  { gapMs }: SessionSpec,
): readonly Session[] {
  const isNear = ({ firstMs, lastMs }: Session) =>
    lastMs >= closedBeforeMs && lastMs >= atMs - gapMs && firstMs <= atMs + gapMs
  const near = sessions.filter(isNear)
  const merged = {
    firstMs: Math.min(atMs, ...near.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(atMs, ...near.map(({ lastMs }) => lastMs)),
    flights: near.reduce((sum, { flights }) => sum + flights, 1),
  }
  if (merged.lastMs < closedBeforeMs) return sessions
  return [...sessions.filter((session) => !isNear(session)), merged]
}
