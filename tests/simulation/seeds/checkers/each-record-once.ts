import { byKey, type Evidence, echoesOf, readingsOf } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'

/** Exactly once: what came out behind the repartition is the input, none missing, none twice, none else. */
export const eachRecordOnce = atTheEnd('each-record-once', exactlyOnce, function* (it: Evidence) {
  const wanted = byKey(readingsOf(it), ({ id }) => String(id))
  const echoed = byKey(echoesOf(it), ({ id }) => String(id))
  for (const [id, [reading]] of wanted) {
    const times = echoed.get(id)?.length ?? 0
    if (times !== 1) yield `reading ${id} came out ${times} times`
    else if (JSON.stringify(echoed.get(id)?.[0]) !== JSON.stringify(reading)) {
      yield `reading ${id} came out changed`
    }
  }
  for (const id of echoed.keys()) if (!wanted.has(id)) yield `reading ${id} was never written`
})
