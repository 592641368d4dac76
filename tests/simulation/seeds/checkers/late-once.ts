import { headerText } from '@millrace/record'
import { topics } from '../application.ts'
import { byKey, type Evidence, readingIn } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'
import { timesOf, windowOf } from './window-folds.ts'

/** Exactly once: a late reading is told once, and its window was closed by the time that it names. */
export const lateOnce = atTheEnd('late-once', exactlyOnce, function* (it: Evidence) {
  const times = timesOf(it)
  const late = byKey(it.cluster.readAll(topics.late), (record) => String(readingIn(record).id))
  for (const [id, [record, ...more]] of late) {
    if (more.length > 0) yield `reading ${id} was late ${more.length + 1} times`
    if (record === undefined) continue
    const named = (name: string) => Number(headerText(record.headers, `millrace.late.${name}`))
    const startMs = windowOf(times.get(Number(id)) ?? -1)
    if (named('window-start') !== startMs) yield `reading ${id} was late for a window not its own`
    if (!(named('closed-at') <= named('stream-time'))) yield `reading ${id} was not late`
  }
})
