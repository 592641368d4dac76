/** One window of a key: `[startMs, startMs + timeDifference]`. */
export interface SlidingWindow<A> {
  readonly startMs: number
  /** Null where the records in it were folded to nothing. */
  aggregate: A | null
  /** Largest timestamp in it. */
  timestampMs: number
  /** How often it changed. */
  revision: number
  /** Changed while it was open, and not sent since. Not stored: sent with every commit. */
  isChanged: boolean
}

/** The windows of one key that start in one bucket, ascending: the value of a row. */
export type SlidingBucket<A> = SlidingWindow<A>[]

export function emptyWindow<A>(startMs: number): SlidingWindow<A> {
  return { startMs, aggregate: null, timestampMs: -1, revision: 0, isChanged: false }
}
