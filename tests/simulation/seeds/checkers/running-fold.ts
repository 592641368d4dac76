import type { Reading } from '../application.ts'
import { topics } from '../application.ts'
import { byKey, type Evidence, echoesOf } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'

/** Exactly once: every update of min, sum and count of an item is the fold of its readings so far. */
export const runningFold = atTheEnd('running-fold', exactlyOnce, function* (it: Evidence) {
  const echoes = byKey(echoesOf(it), ({ item }) => item)
  const updates = byKey(it.cluster.readAll(topics.folds), ({ key }) => String(key))
  for (const item of new Set([...echoes.keys(), ...updates.keys()])) {
    const wanted = foldsOf(echoes.get(item) ?? [])
    const got = (updates.get(item) ?? []).map(({ value }) => JSON.parse(String(value)) as Fold)
    for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
      const [want, have] = [text(wanted[i]), text(got[i])]
      if (want === have) continue
      yield `${item}, update ${i + 1}: ${have} instead of ${want}`
      break
    }
  }
})

interface Fold {
  readonly min: number
  readonly sum: number
  readonly count: number
}

function foldsOf(readings: readonly Reading[]): readonly Fold[] {
  let fold: Fold = { min: Number.POSITIVE_INFINITY, sum: 0, count: 0 }
  return readings.map(({ n }) => {
    fold = { min: Math.min(fold.min, n), sum: fold.sum + n, count: fold.count + 1 }
    return fold
  })
}

function text(fold: Fold | undefined): string {
  return fold === undefined ? 'nothing' : `min ${fold.min}, sum ${fold.sum}, count ${fold.count}`
}
