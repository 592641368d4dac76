import type { AlertState } from './alert-state.ts'
import { type Due, fire, type Lifecycle, type Say } from './lifecycle.ts'

/** Event time without a failure after which a rule is taken for whole again. */
const keptMs = 600_000

/** The life of the alert that a rule is itself, when a function of it throws. */
export class FailureLife implements Lifecycle {
  readonly firesFor = 'rule-failed'

  dueOf(state: AlertState): Due | undefined {
    if (state.phase === 'inactive') return { atMs: 0, does: 'drop' }
    return { atMs: state.lastAtMs + keptMs, does: 'resolve' }
  }

  failed(state: AlertState, atMs: number, description: string, say: Say): void {
    state.lastAtMs = Math.max(state.lastAtMs, atMs)
    if (state.phase === 'firing') return
    state.sinceMs = atMs
    state.told = { labels: { failed: 'rule' }, description, isProvisional: false, window: null }
    fire(state, atMs, 'rule-failed', say)
  }
}
