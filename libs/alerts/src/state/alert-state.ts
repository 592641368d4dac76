import { json, type Serde } from '@millrace/record'
import type { Window } from '@millrace/time'

/**
 *              when                  for is over             clearWhen
 *   inactive ---------> pending ------------------> firing ------------> clearing
 *      ^                   |                          ^  |                  |  |
 *      |<------------------'                          |  | deleted,         |  |
 *      |   it no longer holds                         |  | forgotten        |  |
 *      |<---------------------------------------------|--'                  |  |
 *      |                                              '---------------------'  |
 *      |                                                it no longer may clear |
 *      '-----------------------------------------------------------------------'
 *                                keepFiringFor is over
 */
export type Phase = 'inactive' | 'pending' | 'firing' | 'clearing'

/** What is known of one alert, under its dedupe key. Times are event time, ms; -1 where there is none. */
export interface AlertState {
  phase: Phase
  /** Pending or later: since when it has been so. */
  sinceMs: number
  /** Of the last firing. */
  firedAtMs: number
  /** Tells apart what fired at one time: how many did before, and how late that was known. */
  nth: number
  lateMs: number
  /** Clearing. */
  clearSinceMs: number
  lastAtMs: number
  /** Of the last window that was looked at; a value of an older one says nothing any more. */
  windowEndMs: number
  /** Until then the row is kept though nothing fires. */
  neededThroughMs: number
  /** What is compared with: pairs of time and measure, ascending. */
  history: [atMs: number, measure: number][]
  /** For the next entry on the agenda. */
  dueAtMs: number
  told: Told
}

/** What is told of an alert, of the latest sample for which it held. */
export interface Told {
  readonly labels: { readonly [name: string]: string }
  readonly description: string
  readonly isProvisional: boolean
  readonly window: Window | null
}

export const alertStateSerde: Serde<AlertState> = json<AlertState>()

export function newState(): AlertState {
  return {
    phase: 'inactive',
    sinceMs: -1,
    firedAtMs: -1,
    nth: 0,
    lateMs: 0,
    clearSinceMs: -1,
    lastAtMs: -1,
    windowEndMs: -1,
    neededThroughMs: -1,
    history: [],
    dueAtMs: -1,
    told: { labels: {}, description: '', isProvisional: false, window: null },
  }
}
