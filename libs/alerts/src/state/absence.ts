import type { Absence, AlertRule } from '../rule/alert-rule.ts'
import type { Sample } from '../rule/sample.ts'
import type { AlertState } from './alert-state.ts'
import { type Due, earliest, end, type Lifecycle, type Say } from './lifecycle.ts'
import { toldOf } from './told.ts'

/** The life of an alert with `absentFor`: fires by silence, clears by values, ends when forgotten. */
export class AbsenceLife<K, V> implements Lifecycle {
  readonly firesFor = 'absent'
  readonly #rule: AlertRule<K, V>
  readonly #absentForMs: number

  constructor(rule: AlertRule<K, V>, { absentForMs }: Absence) {
    this.#rule = rule
    this.#absentForMs = absentForMs
  }

  dueOf(state: AlertState): Due | undefined {
    const absentAtMs = state.lastAtMs + this.#absentForMs
    const { keepFiringForMs, forgetAfterMs } = this.#rule
    switch (state.phase) {
      case 'inactive':
      case 'pending':
        return { atMs: absentAtMs, does: 'fire' }
      case 'firing':
        return { atMs: absentAtMs + forgetAfterMs, does: 'forget' }
      case 'clearing':
        return earliest(
          { atMs: state.clearSinceMs + keepFiringForMs, does: 'resolve' },
          { atMs: absentAtMs, does: 'again' },
        )
    }
  }

  take(state: AlertState, sample: Sample<K, V>, say: Say): void {
    const { atMs } = sample
    // Told of a key once, and not of each of its values: these may be many.
    if (state.phase === 'inactive' && state.lastAtMs < 0) state.told = toldOf(this.#rule, sample)
    if (state.phase === 'firing') {
      state.phase = 'clearing'
      state.clearSinceMs = atMs
    }
    if (state.phase === 'clearing' && state.clearSinceMs + this.#rule.keepFiringForMs <= atMs) {
      end(state, atMs, 'cleared', say)
    }
    state.lastAtMs = atMs
    state.sinceMs = atMs
  }
}
