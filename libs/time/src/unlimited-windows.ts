import { invalidWindows, type TimeWindows } from './time-windows.ts'
import type { Window } from './window.ts'

export interface UnlimitedOptions {
  /** Milliseconds since the epoch; 0 where left out. Records before it are in no window. */
  readonly startMs?: number
}

/**
 * One window without an end (Kafka Streams' `UnlimitedWindows`). Nothing is ever late for it, and
 * it has no final result. Its `endMs` is `Number.MAX_SAFE_INTEGER`.
 */
export function unlimited({ startMs = 0 }: UnlimitedOptions = {}): TimeWindows {
  if (!Number.isSafeInteger(startMs) || startMs < 0) {
    throw invalidWindows(`the start ${startMs} is not a whole number of milliseconds from 0 on`)
  }
  const endMs = Number.MAX_SAFE_INTEGER
  const firstStart = (timestampMs: number) => (timestampMs < startMs ? Infinity : startMs)
  return Object.freeze({
    kind: 'unlimited' as const,
    sizeMs: endMs - startMs,
    advanceMs: Infinity,
    graceMs: 0,
    firstStart,
    assign: (timestampMs: number): readonly Window[] =>
      timestampMs < startMs ? [] : [{ startMs, endMs }],
    closesAt: () => endMs,
    closedThrough: () => -1,
  })
}
