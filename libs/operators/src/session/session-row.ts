/** A session that is open, and what downstream knows of it. */
export interface Session<A> {
  startMs: number
  endMs: number
  aggregate: A
  /** Records in it. */
  revision: number
  /** Downstream has a result with these bounds. */
  isSent: boolean
  /** Downstream does not have the latest one. */
  isChanged: boolean
}

/** A result that downstream has and that is no longer true. */
export interface Retraction {
  readonly startMs: number
  readonly endMs: number
  readonly revision: number
}

/**
 * All open sessions of one key: the value of its row (decision 3). Sessions of a key do not touch,
 * so they are in the order of their starts and of their ends.
 */
export interface SessionRow<A> {
  readonly sessions: Session<A>[]
  /** Not sent yet. */
  readonly retractions: Retraction[]
  /** The key's entry on the agenda: when, and which session's start; -1 where it has none. */
  dueAtMs: number
  dueStartMs: number
}

export function emptySessionRow<A>(): SessionRow<A> {
  return { sessions: [], retractions: [], dueAtMs: -1, dueStartMs: -1 }
}

/** The sessions that a record at this time belongs to, as indexes `[from, to)`. */
export function touching<A>(
  { sessions }: SessionRow<A>,
  timestampMs: number,
  gapMs: number,
): readonly [from: number, to: number] {
  let from = 0
  while (from < sessions.length && (sessions[from] as Session<A>).endMs < timestampMs - gapMs)
    from++
  let to = from
  while (to < sessions.length && (sessions[to] as Session<A>).startMs <= timestampMs + gapMs) to++
  return [from, to]
}
