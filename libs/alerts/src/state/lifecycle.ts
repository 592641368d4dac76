import type { AlertReason } from '../alert-event.ts'
import type { AlertState } from './alert-state.ts'

/** Told where an alert begins to fire, and where that is over. */
export type Say = (status: 'firing' | 'resolved', atMs: number, reason: AlertReason) => void

/** Something that becomes so when time reaches `atMs` and no sample came before. */
export interface Due {
  readonly atMs: number
  /** `again`: what was about to clear fires on; `drop`: nothing is to be kept in mind any more. */
  readonly does: 'fire' | 'lapse' | 'resolve' | 'forget' | 'again' | 'drop'
}

/** How one kind of rule lives: what is due of itself, and why it then fires. */
export interface Lifecycle {
  readonly firesFor: AlertReason
  dueOf(state: AlertState): Due | undefined
}

/** Does what is due up to and with `throughMs`. False where the row is of no more use. */
export function settle(
  state: AlertState,
  lifecycle: Lifecycle,
  throughMs: number,
  say: Say,
): boolean {
  for (;;) {
    const due = lifecycle.dueOf(state)
    if (due === undefined || due.atMs > throughMs) return true
    switch (due.does) {
      case 'fire':
        fire(state, due.atMs, lifecycle.firesFor, say)
        break
      case 'lapse':
        state.phase = 'inactive'
        break
      case 'again':
        state.phase = 'firing'
        break
      case 'resolve':
        end(state, due.atMs, 'cleared', say)
        break
      case 'forget':
        end(state, due.atMs, 'forgotten', say)
        return false
      case 'drop':
        return false
    }
  }
}

export function fire(state: AlertState, atMs: number, reason: AlertReason, say: Say): void {
  state.phase = 'firing'
  state.nth = state.firedAtMs === atMs ? state.nth + 1 : 0
  state.firedAtMs = atMs
  say('firing', atMs, reason)
}

/** Ends what fires; nothing is said of what only might have fired. */
export function end(state: AlertState, atMs: number, reason: AlertReason, say: Say): void {
  const hasFired = state.phase === 'firing' || state.phase === 'clearing'
  state.phase = 'inactive'
  if (hasFired) say('resolved', atMs, reason)
}

/** What is due first. */
export function earliest(...dues: readonly Due[]): Due | undefined {
  let first: Due | undefined
  for (const due of dues) if (first === undefined || due.atMs < first.atMs) first = due
  return first !== undefined && Number.isFinite(first.atMs) ? first : undefined
}
