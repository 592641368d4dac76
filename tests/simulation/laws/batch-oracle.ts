/** A record of a law's input; all records of a key lie in one partition, as producers see to it. */
export interface LawRecord {
  readonly partition: number
  readonly key: string
  readonly timestampMs: number
}

export type LawWindows =
  | { readonly kind: 'time'; readonly sizeMs: number; readonly advanceMs: number }
  | { readonly kind: 'session'; readonly gapMs: number }
  | SlidingLaw

/** Two records of a key share a window where they are no further apart; none is before `differenceMs`. */
export interface SlidingLaw {
  readonly kind: 'sliding'
  readonly differenceMs: number
}

export interface BatchAnswer {
  /** Count by `key@start-end`. */
  readonly counts: ReadonlyMap<string, number>
  /** Those of them that are closed at the end of the input. */
  readonly closed: ReadonlyMap<string, number>
  /** `key@timestamp`, once for each window that was missed; sorted. */
  readonly late: readonly string[]
}

interface Row {
  readonly key: string
  readonly startMs: number
  readonly endMs: number
  count: number
}

/**
 * What the late rule of `docs/time.md` says of each partition by itself, in the order of its records:
 * no stores, no buckets, no commits.
 */
export function batch(
  records: readonly LawRecord[],
  windows: LawWindows,
  graceMs: number,
): BatchAnswer {
  const late: string[] = []
  const rows: Row[] = []
  const closed: Row[] = []
  if (windows.kind === 'sliding') return batchSliding(records, windows, graceMs)
  for (const partition of new Set(records.map((record) => record.partition))) {
    const mine: Row[] = []
    let streamTimeMs = -1
    const isClosed = (row: Row): boolean => closesAt(row, windows, graceMs) <= streamTimeMs
    for (const record of records.filter((each) => each.partition === partition)) {
      streamTimeMs = Math.max(streamTimeMs, record.timestampMs)
      for (const window of assigned(record, mine, windows, isClosed)) {
        if (isClosed(window)) late.push(`${record.key}@${record.timestampMs}`)
        else fold(mine, window, windows, isClosed)
      }
    }
    rows.push(...mine)
    closed.push(...mine.filter(isClosed))
  }
  return { counts: byId(rows), closed: byId(closed), late: late.toSorted() }
}

/**
 * Sliding windows by definition: one ends with each record, one begins behind it, and a window holds
 * the records between its bounds that came while it was open. Says nothing of late records: which
 * windows one would have made depends on what is kept.
 */
function batchSliding(
  records: readonly LawRecord[],
  { differenceMs }: SlidingLaw,
  graceMs: number,
): BatchAnswer {
  const rows: Row[] = []
  const closed: Row[] = []
  for (const partition of new Set(records.map((record) => record.partition))) {
    let streamTimeMs = -1
    const taken: (LawRecord & { readonly closedThroughMs: number })[] = []
    for (const record of records.filter((each) => each.partition === partition)) {
      streamTimeMs = Math.max(streamTimeMs, record.timestampMs)
      const closedThroughMs = streamTimeMs - differenceMs - graceMs - 1
      if (record.timestampMs > closedThroughMs) taken.push({ ...record, closedThroughMs })
    }
    const starts = new Set(
      // A record makes no window that is closed already.
      taken.flatMap(({ key, timestampMs, closedThroughMs }) =>
        [timestampMs - differenceMs, timestampMs + 1]
          .filter((startMs) => startMs > closedThroughMs)
          .map((startMs) => `${key} ${startMs}`),
      ),
    )
    for (const [key, startMs] of [...starts].map((it) => it.split(' ') as [string, string])) {
      const endMs = Number(startMs) + differenceMs
      const inside = taken.filter(
        (it) =>
          it.key === key &&
          it.timestampMs >= Number(startMs) &&
          it.timestampMs <= endMs &&
          Number(startMs) > it.closedThroughMs,
      )
      if (inside.length === 0) continue
      const row = { key, startMs: Number(startMs), endMs, count: inside.length }
      rows.push(row)
      if (row.startMs <= streamTimeMs - differenceMs - graceMs - 1) closed.push(row)
    }
  }
  return { counts: byId(rows), closed: byId(closed), late: [] }
}

function assigned(
  { key, timestampMs }: LawRecord,
  rows: readonly Row[],
  windows: Exclude<LawWindows, SlidingLaw>,
  isClosed: (row: Row) => boolean,
): readonly Row[] {
  if (windows.kind === 'session') {
    const { gapMs } = windows
    const near = rows.filter(
      (row) =>
        row.key === key &&
        !isClosed(row) &&
        row.startMs - gapMs <= timestampMs &&
        row.endMs + gapMs >= timestampMs,
    )
    const startMs = Math.min(timestampMs, ...near.map((row) => row.startMs))
    const endMs = Math.max(timestampMs, ...near.map((row) => row.endMs))
    return [{ key, startMs, endMs, count: 1 }]
  }
  const { sizeMs, advanceMs } = windows
  const all: Row[] = []
  const last = Math.floor(timestampMs / advanceMs) * advanceMs
  for (let startMs = last; startMs >= 0 && startMs + sizeMs > timestampMs; startMs -= advanceMs)
    all.push({ key, startMs, endMs: startMs + sizeMs, count: 1 })
  return all
}

/** Takes the row in, and what it swallows of the same key; what is closed stays as it is. */
function fold(rows: Row[], row: Row, { kind }: LawWindows, isClosed: (row: Row) => boolean): void {
  for (let at = rows.length - 1; at >= 0; at--) {
    const other = rows[at] as Row
    const isInside =
      kind === 'session'
        ? other.startMs >= row.startMs && other.endMs <= row.endMs
        : other.startMs === row.startMs
    if (other.key !== row.key || !isInside || isClosed(other)) continue
    row.count += other.count
    rows.splice(at, 1)
  }
  rows.push(row)
}

function closesAt(
  { endMs }: Row,
  windows: Exclude<LawWindows, SlidingLaw>,
  graceMs: number,
): number {
  return windows.kind === 'session' ? endMs + windows.gapMs + graceMs + 1 : endMs + graceMs
}

function byId(rows: readonly Row[]): ReadonlyMap<string, number> {
  const ids = rows.map(({ key, startMs, endMs, count }) => [`${key}@${startMs}-${endMs}`, count])
  return new Map((ids as [string, number][]).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Every pair within the window, and each left row (or any row) without one, as text; sorted. */
export function batchJoin(
  left: readonly LawRecord[],
  right: readonly LawRecord[],
  { withinMs, isOuter }: { readonly withinMs: number; readonly isOuter: boolean },
): readonly string[] {
  const pairs: string[] = []
  const matched = new Set<LawRecord>()
  for (const one of left) {
    for (const other of right) {
      if (one.key !== other.key || Math.abs(one.timestampMs - other.timestampMs) > withinMs)
        continue
      pairs.push(`${one.key}:${one.timestampMs}+${other.timestampMs}`)
      matched.add(one).add(other)
    }
    if (!matched.has(one)) pairs.push(`${one.key}:${one.timestampMs}+null`)
  }
  const alone = isOuter ? right.filter((row) => !matched.has(row)) : []
  for (const { key, timestampMs } of alone) pairs.push(`${key}:null+${timestampMs}`)
  return pairs.toSorted()
}
