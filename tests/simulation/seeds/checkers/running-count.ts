import { topics } from '../application.ts'
import { byKey, type Evidence } from '../evidence.ts'
import { atTheEnd, exactlyOnce } from './checker.ts'

/** Exactly once: before the repartition, a sensor's counts are 1, 2, 3 … up to its readings. */
export const runningCount = atTheEnd('running-count', exactlyOnce, function* (it: Evidence) {
  const readings = byKey(
    it.fed.filter(({ reading }) => reading !== null),
    ({ sensor }) => sensor,
  )
  const counts = byKey(it.cluster.readAll(topics.sensors), ({ key }) => String(key))
  for (const sensor of new Set([...readings.keys(), ...counts.keys()])) {
    const total = readings.get(sensor)?.length ?? 0
    const got = (counts.get(sensor) ?? []).map(({ value }) => Number(String(value)))
    const wrong = got.findIndex((count, index) => count !== index + 1)
    if (wrong >= 0) yield `${sensor}, update ${wrong + 1}: count ${got[wrong]}`
    else if (got.length !== total) yield `${sensor}: ${got.length} counts of ${total} readings`
  }
})
