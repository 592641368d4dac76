import { resultHeader } from '@millrace/operators'
import { headerText, type Record } from '@millrace/record'
import type { Window, Windowed, Windows } from '@millrace/time'

/** A record of a stream or view, as an alert takes it. */
export interface Arrival<K, V> {
  /** Without its window. */
  readonly key: K
  readonly value: V | null
  readonly window: Window | undefined
  /** From when on the value is known. */
  readonly atMs: number
  /** Time has passed all of its window, or there is none. */
  readonly isComplete: boolean
  /** When time has. */
  readonly completeAtMs: number
  /** From then on no value of this window or an older one comes any more. */
  readonly settledAtMs: number
}

/**
 * A final result is known from the close of its window on, however late time jumped over that: results
 * that come at once are as far apart as their windows. Other values of a window are known when they come.
 */
export function arrivalOf<K, V>(
  record: Record<unknown, unknown>,
  windows: Windows | undefined,
  streamTimeMs: number,
): Arrival<K, V> {
  const value = record.value as V | null
  if (windows === undefined) {
    const { timestampMs: atMs } = record
    return {
      key: record.key as K,
      value,
      window: undefined,
      atMs,
      isComplete: true,
      completeAtMs: -1,
      settledAtMs: -1,
    }
  }
  const { key, window } = record.key as Windowed<K>
  const completeAtMs = completeAt(window, windows)
  // Nothing that only time brings is waited for where a window never ends.
  const closesAtMs = windows.kind === 'unlimited' ? -1 : windows.closesAt(window)
  const isFinal = headerText(record.headers, resultHeader.kind) === 'final'
  return {
    key,
    value,
    window,
    atMs: isFinal ? closesAtMs : streamTimeMs,
    isComplete: isFinal || streamTimeMs >= completeAtMs,
    completeAtMs,
    settledAtMs: closesAtMs,
  }
}

/** From then on only records that come late change a window: grace is for these. */
export function completeAt(window: Window, windows: Windows): number {
  switch (windows.kind) {
    case 'unlimited':
      return -1
    case 'session':
    case 'sliding':
      return windows.closesAt(window) - windows.graceMs
    default:
      return window.endMs
  }
}

/** For how long a value says something, where no other comes. */
export function speaksForMs(windows: Windows | undefined): number {
  switch (windows?.kind) {
    case 'tumbling':
    case 'hopping':
      return windows.sizeMs
    case 'sliding':
      return windows.timeDifferenceMs
    default:
      return Number.POSITIVE_INFINITY
  }
}
