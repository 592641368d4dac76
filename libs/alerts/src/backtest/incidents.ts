import type { AlertEvent } from '../alert-event.ts'

/** One firing, from its begin to its end. */
export interface Incident {
  readonly dedupeKey: string
  readonly firing: AlertEvent
  /** Null: it fires still. */
  readonly resolved: AlertEvent | null
}

/** Two runs over the same history compared: the same firing is one of the same key and time. */
export interface IncidentDiff {
  readonly onlyBefore: readonly Incident[]
  readonly onlyAfter: readonly Incident[]
  /** Fired alike and ended at another time, or not. */
  readonly changed: readonly { readonly before: Incident; readonly after: Incident }[]
  readonly same: readonly Incident[]
}

/** The firings that events tell of, in the order of time; those from `fromMs` on. */
export function incidentsOf(events: readonly AlertEvent[], fromMs: number): readonly Incident[] {
  const found = new Map<string, Incident>()
  for (const event of events) {
    const { dedupeKey } = event
    const id = firingId(event)
    const known = found.get(id)
    if (event.status === 'firing')
      found.set(id, known ?? { dedupeKey, firing: event, resolved: null })
    else if (known !== undefined) found.set(id, { ...known, resolved: event })
  }
  return [...found.values()]
    .filter(({ firing }) => firing.firedAtMs >= fromMs)
    .toSorted((left, right) => {
      const byTime = left.firing.firedAtMs - right.firing.firedAtMs
      return byTime === 0 ? (left.dedupeKey < right.dedupeKey ? -1 : 1) : byTime
    })
}

export function diffIncidents(
  before: readonly Incident[],
  after: readonly Incident[],
): IncidentDiff {
  const afterById = new Map(after.map((incident) => [firingId(incident.firing), incident]))
  const beforeIds = new Set(before.map(({ firing }) => firingId(firing)))
  const pairs = before.flatMap((incident) => {
    const other = afterById.get(firingId(incident.firing))
    return other === undefined ? [] : [{ before: incident, after: other }]
  })
  const isSame = (pair: { readonly before: Incident; readonly after: Incident }): boolean =>
    pair.before.resolved?.resolvedAtMs === pair.after.resolved?.resolvedAtMs
  return {
    onlyBefore: before.filter(({ firing }) => !afterById.has(firingId(firing))),
    onlyAfter: after.filter(({ firing }) => !beforeIds.has(firingId(firing))),
    changed: pairs.filter((pair) => !isSame(pair)),
    same: pairs.filter(isSame).map((pair) => pair.before),
  }
}

/** Without the status. */
function firingId({ id }: AlertEvent): string {
  return id.slice(0, id.lastIndexOf('/'))
}
