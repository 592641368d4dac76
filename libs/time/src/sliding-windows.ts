import { type Duration, parseDuration } from './duration.ts'
import { invalidWindows } from './time-windows.ts'
import type { Window } from './window.ts'

export interface SlidingOptions {
  /** How far apart two records of one window lie at most: exactly this far is inside. */
  readonly timeDifference: Duration
  /** How long after its end a window still takes records; 0 where left out. */
  readonly grace?: Duration
}

/**
 * Windows `[start, start + timeDifference]`, both ends inclusive, that slide along a key's records:
 * one ends at each record, and one begins 1 ms after it where a later record is in it, so that
 * every set of records that lie together is in a window once (Kafka Streams' `SlidingWindows`).
 */
export interface SlidingWindows {
  readonly kind: 'sliding'
  readonly timeDifferenceMs: number
  readonly graceMs: number
  /** The stream time from which on a window is closed: `end + grace + 1`, as the end is inclusive. */
  closesAt(window: Window): number
  /** The latest start of a window closed at this stream time; -1 where none is. */
  closedThrough(streamTimeMs: number): number
}

/**
 * What happened together within a time difference, seen from every record.
 *
 * ```ts
 * sliding({ timeDifference: '10m', grace: '1m' })
 * ```
 */
export function sliding({ timeDifference, grace = 0 }: SlidingOptions): SlidingWindows {
  const timeDifferenceMs = parseDuration(timeDifference, 'time difference')
  const graceMs = parseDuration(grace, 'grace')
  const lifetimeMs = timeDifferenceMs + graceMs + 1
  if (!Number.isSafeInteger(3 * lifetimeMs)) {
    throw invalidWindows('time difference and grace are beyond 2^53 ms')
  }
  return Object.freeze({
    kind: 'sliding' as const,
    timeDifferenceMs,
    graceMs,
    closesAt: (window: Window) => window.endMs + graceMs + 1,
    closedThrough: (streamTimeMs: number) => Math.max(-1, streamTimeMs - lifetimeMs),
  })
}
