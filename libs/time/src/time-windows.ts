import { MillraceError } from '@millrace/errors'
import { type Duration, parseDuration } from './duration.ts'
import type { Window } from './window.ts'

export interface TumblingOptions {
  readonly size: Duration
  /**
   * How long after its end a window still takes records; 0 where left out. There is no hidden
   * grace: Kafka Streams' 24 hours of old are not here (KIP-633).
   */
  readonly grace?: Duration
}

export interface HoppingOptions extends TumblingOptions {
  /** From one window's start to the next one's; at most the size. */
  readonly advance: Duration
}

/**
 * Windows of fixed size, aligned to the epoch, `[start, end)` (Kafka Streams' `TimeWindows`).
 * Plain data with functions; made by `tumbling`, `hopping` and `unlimited`.
 */
export interface TimeWindows {
  readonly kind: 'tumbling' | 'hopping' | 'unlimited'
  readonly sizeMs: number
  /** Equal to the size where the windows tumble; Infinity where there is one window. */
  readonly advanceMs: number
  readonly graceMs: number
  /**
   * The start of the first window that holds this timestamp; the others follow every `advanceMs`
   * up to and including the timestamp. No window starts below 0. Beyond the timestamp where no
   * window holds it.
   */
  firstStart(timestampMs: number): number
  /** Every window that holds the timestamp, ascending. Allocates: not for the way of a record. */
  assign(timestampMs: number): readonly Window[]
  /**
   * The stream time from which on a window is closed, `end + grace`: the one rule for lateness,
   * emission, retention and metrics. A record that arrives at this very time is late.
   */
  closesAt(window: Window): number
  /** The start of the latest window closed at this stream time; -1 where none is. */
  closedThrough(streamTimeMs: number): number
}

/**
 * Windows side by side: every record is in one.
 *
 * ```ts
 * tumbling({ size: '15m', grace: '5m' })
 * ```
 */
export function tumbling({ size, grace = 0 }: TumblingOptions): TimeWindows {
  const sizeMs = parseDuration(size, 'window size')
  return timeWindows('tumbling', sizeMs, sizeMs, parseDuration(grace, 'grace'))
}

/**
 * Windows that overlap: every record is in `size / advance` of them.
 *
 * ```ts
 * hopping({ size: '1h', advance: '15m', grace: '5m' })
 * ```
 */
export function hopping({ size, advance, grace = 0 }: HoppingOptions): TimeWindows {
  const sizeMs = parseDuration(size, 'window size')
  const advanceMs = parseDuration(advance, 'window advance')
  return timeWindows('hopping', sizeMs, advanceMs, parseDuration(grace, 'grace'))
}

function timeWindows(
  kind: TimeWindows['kind'],
  sizeMs: number,
  advanceMs: number,
  graceMs: number,
): TimeWindows {
  if (sizeMs === 0) throw invalidWindows('the size is 0')
  if (advanceMs === 0 || advanceMs > sizeMs) {
    throw invalidWindows(
      `the advance of ${advanceMs} ms does not lie between 1 ms and the size, ${sizeMs} ms`,
    )
  }
  const lifetimeMs = sizeMs + graceMs
  if (!Number.isSafeInteger(lifetimeMs)) throw invalidWindows('size and grace are beyond 2^53 ms')
  const firstStart = (timestampMs: number) => {
    const earliestMs = timestampMs - sizeMs + advanceMs
    return earliestMs <= 0 ? 0 : earliestMs - (earliestMs % advanceMs)
  }
  return Object.freeze({
    kind,
    sizeMs,
    advanceMs,
    graceMs,
    firstStart,
    assign(timestampMs: number) {
      const windows: Window[] = []
      for (let startMs = firstStart(timestampMs); startMs <= timestampMs; startMs += advanceMs) {
        windows.push({ startMs, endMs: startMs + sizeMs })
      }
      return windows
    },
    closesAt: (window: Window) => window.endMs + graceMs,
    closedThrough: (streamTimeMs: number) => {
      const latestMs = streamTimeMs - lifetimeMs
      return latestMs < 0 ? -1 : latestMs - (latestMs % advanceMs)
    },
  })
}

/** Windows that cannot be: refused when the topology is written. */
export function invalidWindows(message: string): MillraceError {
  return new MillraceError('MILLRACE_TIME_WINDOW_INVALID', { message })
}
