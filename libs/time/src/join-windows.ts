import { MillraceError } from '@millrace/errors'
import { type Duration, parseDuration } from './duration.ts'
import type { Window } from './window.ts'

export interface JoinWindowsOptions {
  /**
   * How far before a left record a right record may lie; 0 where left out. A negative number of
   * milliseconds: how far behind it the right record must at least lie.
   */
  readonly before?: Duration
  /** How far behind a left record a right record may lie; 0 where left out, negative as `before`. */
  readonly after?: Duration
  /** How long after the end of its window a row still takes records; 0 where left out. */
  readonly grace?: Duration
}

/** What the records of two streams must have to do with each other in time to be joined. */
export interface JoinWindows {
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
  /** Rows are kept so long: while a record that is not late could still match them. */
  readonly retentionMs: number
  readonly left: JoinWindowSide
  readonly right: JoinWindowSide
}

/** The window of a row of one side, as it looks at the other. */
export interface JoinWindowSide {
  /** Timestamps of the other side that match: from `timestampMs - backMs` to `+ aheadMs`. */
  readonly backMs: number
  readonly aheadMs: number
  /** From the row's timestamp to the last stream time at which it is open. */
  readonly openForMs: number
  window(timestampMs: number): Window
  /** The stream time from which on the row is closed: late on arrival, and matched by nothing. */
  closesAt(timestampMs: number): number
}

/**
 * The window of a join of two streams (Kafka Streams' `JoinWindows`): a left record at `t` and a
 * right one in `[t - before, t + after]` match, both bounds included.
 */
export function joinWindows(options: JoinWindowsOptions): JoinWindows {
  const beforeMs = signedDuration(options.before ?? 0, 'before')
  const afterMs = signedDuration(options.after ?? 0, 'after')
  const graceMs = parseDuration(options.grace ?? 0, 'grace')
  if (beforeMs + afterMs < 0) {
    throw new MillraceError('MILLRACE_TIME_WINDOW_INVALID', {
      message: `nothing lies between ${-beforeMs} ms and ${afterMs} ms of a record`,
    })
  }
  const retentionMs = Math.max(0, beforeMs) + Math.max(0, afterMs) + graceMs
  if (!Number.isSafeInteger(retentionMs)) {
    throw new MillraceError('MILLRACE_TIME_WINDOW_INVALID', {
      message: 'before, after and grace are beyond 2^53 ms',
    })
  }
  return Object.freeze({
    beforeMs,
    afterMs,
    graceMs,
    retentionMs,
    left: side(beforeMs, afterMs, graceMs),
    right: side(afterMs, beforeMs, graceMs),
  })
}

function side(backMs: number, aheadMs: number, graceMs: number): JoinWindowSide {
  const openForMs = Math.max(0, aheadMs) + graceMs
  return Object.freeze({
    backMs,
    aheadMs,
    openForMs,
    window: (timestampMs: number) => ({
      startMs: timestampMs - backMs,
      endMs: timestampMs + aheadMs,
    }),
    closesAt: (timestampMs: number) => timestampMs + openForMs + 1,
  })
}

function signedDuration(duration: Duration, what: string): number {
  return typeof duration === 'number' && duration < 0
    ? -parseDuration(-duration, what)
    : parseDuration(duration, what)
}
