import type { StoredRecord } from '@millrace/simulation'
import { topics, windowMs } from '../application.ts'
import { byKey, type Evidence, echoesOf, readingIn } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'

interface Fold {
  readonly sum: number
  readonly count: number
}

/** Exactly once: every update of a window is the fold of its readings so far, without the late ones. */
export const windowFolds = atTheEnd('window-folds', exactlyOnce, function* (it: Evidence) {
  const times = timesOf(it)
  const late = new Set(it.cluster.readAll(topics.late).map((record) => readingIn(record).id))
  const onTime = echoesOf(it).filter(({ id }) => !late.has(id))
  const wanted = byKey(onTime, ({ id, item }) => `${item}@${windowOf(times.get(id) ?? -1)}`)
  const updates = byKey(it.cluster.readAll(topics.windows), windowIn)
  for (const window of new Set([...wanted.keys(), ...updates.keys()])) {
    const got = (updates.get(window) ?? []).map(({ value }) => JSON.parse(String(value)) as Fold)
    let fold: Fold = { sum: 0, count: 0 }
    const folds = (wanted.get(window) ?? []).map(({ n }) => {
      fold = { sum: fold.sum + n, count: fold.count + 1 }
      return fold
    })
    for (let i = 0; i < Math.max(folds.length, got.length); i++) {
      const [want, have] = [text(folds[i]), text(got[i])]
      if (want === have) continue
      yield `${window}, update ${i + 1}: ${have} instead of ${want}`
      break
    }
  }
})

/** Event time by reading. */
export function timesOf({ fed }: Evidence): ReadonlyMap<number, number> {
  return new Map(
    fed.flatMap(({ reading, timestampMs }) =>
      reading === null ? [] : [[reading.id, timestampMs] as const],
    ),
  )
}

export function windowOf(timestampMs: number): number {
  return Math.floor(timestampMs / windowMs) * windowMs
}

/** `item@start` of a result; its key ends in the window's start. */
export function windowIn({ key }: StoredRecord): string {
  if (key === null) return 'no key'
  return `${key.subarray(0, -8).toString()}@${key.readBigInt64BE(key.length - 8)}`
}

function text(fold: Fold | undefined): string {
  return fold === undefined ? 'nothing' : `sum ${fold.sum}, count ${fold.count}`
}
