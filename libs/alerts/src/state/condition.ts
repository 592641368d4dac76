import type { AlertRule, Condition } from '../rule/alert-rule.ts'
import type { Change, Sample } from '../rule/sample.ts'
import type { AlertState, Told } from './alert-state.ts'
import { type Due, earliest, end, fire, type Lifecycle, type Say } from './lifecycle.ts'
import { toldOf } from './told.ts'

/** The history of one key is thinned out to about this many values. */
const historyMax = 256

/**
 * The life of an alert with `when`. A value holds until the next one of its key, of a window no
 * longer than `speaksForMs`: then `for` begins anew. What fires ends by a value, not by silence.
 */
export class ConditionLife<K, V> implements Lifecycle {
  readonly firesFor = 'condition'
  readonly #rule: AlertRule<K, V>
  readonly #condition: Condition<K, V>
  readonly #speaksForMs: number

  constructor(rule: AlertRule<K, V>, condition: Condition<K, V>, speaksForMs: number) {
    this.#rule = rule
    this.#condition = condition
    this.#speaksForMs = speaksForMs
  }

  dueOf(state: AlertState): Due | undefined {
    const { forgetAfterMs, keepFiringForMs } = this.#rule
    switch (state.phase) {
      case 'inactive':
        return { atMs: Math.max(state.neededThroughMs, 0), does: 'drop' }
      case 'pending':
        // Of both at once the lapse: at the end of what a value speaks for nothing is known any more.
        return earliest(
          { atMs: state.lastAtMs + this.#speaksForMs, does: 'lapse' },
          { atMs: state.sinceMs + this.#condition.forMs, does: 'fire' },
        )
      case 'firing':
        return earliest({ atMs: state.lastAtMs + forgetAfterMs, does: 'forget' })
      case 'clearing':
        return { atMs: state.clearSinceMs + keepFiringForMs, does: 'resolve' }
    }
  }

  /** The user's functions come first in each case: where one throws, the state is as it was. */
  take(state: AlertState, given: Sample<K, V>, say: Say): void {
    const { compare } = this.#condition
    const measure = compare?.of(given.value, given.key)
    const sample = measure === undefined ? given : this.#compared(state, given, measure)
    this.#judge(state, sample, say)
    state.lastAtMs = sample.atMs
    if (measure !== undefined) this.#remember(state, sample.atMs, measure)
  }

  #judge(state: AlertState, sample: Sample<K, V>, say: Say): void {
    const { when, clearWhen, forMs } = this.#condition
    const { atMs } = sample
    switch (state.phase) {
      case 'inactive':
      case 'pending': {
        if (!when(sample)) {
          state.phase = 'inactive'
          return
        }
        const told = this.#told(sample)
        if (state.phase === 'inactive') state.sinceMs = atMs
        state.phase = 'pending'
        state.told = told
        if (state.sinceMs + forMs <= atMs) fire(state, atMs, 'condition', say)
        return
      }
      case 'firing':
      case 'clearing':
        if (!clearWhen(sample)) {
          state.phase = 'firing'
          return
        }
        if (state.phase === 'firing') state.clearSinceMs = atMs
        state.phase = 'clearing'
        if (state.clearSinceMs + this.#rule.keepFiringForMs <= atMs)
          end(state, atMs, 'cleared', say)
    }
  }

  #told(sample: Sample<K, V>): Told {
    return toldOf(this.#rule, sample)
  }

  #compared(state: AlertState, sample: Sample<K, V>, now: number): Sample<K, V> {
    const { compare } = this.#condition
    const wantedMs = sample.atMs - (compare?.overMs ?? 0)
    const found = state.history.findLast(([atMs]) => atMs <= wantedMs)
    if (found === undefined) return sample
    const [atMs, before] = found
    const change: Change = {
      before,
      now,
      delta: now - before,
      ratio: now / before,
      elapsedMs: sample.atMs - atMs,
    }
    return { ...sample, change }
  }

  #remember(state: AlertState, atMs: number, measure: number): void {
    const overMs = this.#condition.compare?.overMs ?? 0
    const { history } = state
    const last = history.at(-1)
    if (last !== undefined && last[0] === atMs) last[1] = measure
    else if (last === undefined || atMs - last[0] >= overMs / historyMax)
      history.push([atMs, measure])
    // The last one from long enough ago stays; a gap may need it.
    while (history.length > 1 && (history[1]?.[0] ?? 0) <= atMs - overMs) history.shift()
    state.neededThroughMs = Math.max(state.neededThroughMs, atMs + 2 * overMs)
  }
}
