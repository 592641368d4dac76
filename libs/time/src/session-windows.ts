import { type Duration, parseDuration } from './duration.ts'
import { invalidWindows } from './time-windows.ts'
import type { Window } from './window.ts'

export interface SessionOptions {
  /** The longest silence inside a session: records exactly this far apart belong together. */
  readonly gap: Duration
  /** How long after that silence a session still takes records; 0 where left out. */
  readonly grace?: Duration
}

/**
 * Windows that a key's own records make: `[first, last]`, both ends inclusive (Kafka Streams'
 * `SessionWindows`). Plain data with functions; made by `session`.
 */
export interface SessionWindows {
  readonly kind: 'session'
  readonly gapMs: number
  readonly graceMs: number
  /** The stream time from which on a session is closed: `last + gap + grace + 1`. */
  closesAt(window: Window): number
  /** The latest end of a session closed at this stream time; -1 where none is. */
  closedThrough(streamTimeMs: number): number
}

/**
 * Sessions of activity: a session ends when its key is silent for longer than the gap.
 *
 * ```ts
 * session({ gap: '30m', grace: '5m' })
 * ```
 */
export function session({ gap, grace = 0 }: SessionOptions): SessionWindows {
  const gapMs = parseDuration(gap, 'session gap')
  const graceMs = parseDuration(grace, 'grace')
  if (gapMs === 0) throw invalidWindows('the session gap is 0')
  const lifetimeMs = gapMs + graceMs + 1
  if (!Number.isSafeInteger(lifetimeMs)) throw invalidWindows('gap and grace are beyond 2^53 ms')
  return Object.freeze({
    kind: 'session' as const,
    gapMs,
    graceMs,
    closesAt: (window: Window) => window.endMs + lifetimeMs,
    closedThrough: (streamTimeMs: number) => Math.max(-1, streamTimeMs - lifetimeMs),
  })
}
