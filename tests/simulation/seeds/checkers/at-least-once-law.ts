import { topics } from '../application.ts'
import { byKey, type Evidence, echoesOf, readingIn, readingsOf } from '../evidence.ts'
import { atLeastOnce, atTheEnd } from './checker.ts'
import { timesOf, windowIn, windowOf } from './window-folds.ts'

/** At least once: nothing is lost, nothing invented; whatever is too much is a repetition. */
export const atLeastOnceLaw = atTheEnd('at-least-once-law', atLeastOnce, function* (it: Evidence) {
  yield* echoes(it)
  const readings = readingsOf(it)
  const items = byKey(readings, ({ item }) => item)
  const sensors = byKey(
    it.fed.filter(({ reading }) => reading !== null),
    ({ sensor }) => sensor,
  )
  yield* counts(it, topics.folds, (record) => String(record.key), sizes(items))
  yield* counts(it, topics.sensors, (record) => String(record.key), sizes(sensors))
  const times = timesOf(it)
  const late = new Set(it.cluster.readAll(topics.late).map((record) => readingIn(record).id))
  const windows = byKey(
    readings.filter(({ id }) => !late.has(id)),
    ({ id, item }) => `${item}@${windowOf(times.get(id) ?? -1)}`,
  )
  yield* counts(it, topics.windows, windowIn, sizes(windows))
})

function* echoes(it: Evidence): Iterable<string> {
  const wanted = new Map(readingsOf(it).map((reading) => [reading.id, JSON.stringify(reading)]))
  const seen = new Set<number>()
  for (const reading of echoesOf(it)) {
    seen.add(reading.id)
    if (wanted.get(reading.id) !== JSON.stringify(reading)) yield `${reading.id} is invented`
  }
  for (const id of wanted.keys()) if (!seen.has(id)) yield `reading ${id} is lost`
}

/** Every count up to the number of readings is there; none comes before the one below it. */
function* counts(
  it: Evidence,
  topic: string,
  keyOf: Parameters<typeof byKey<ReturnType<Evidence['cluster']['readAll']>[number]>>[1],
  wanted: ReadonlyMap<string, number>,
): Iterable<string> {
  const updates = byKey(it.cluster.readAll(topic), keyOf)
  for (const [key, least] of wanted) {
    let highest = 0
    for (const { value } of updates.get(key) ?? []) {
      const count = countIn(String(value))
      if (count > highest + 1) yield `${topic} ${key}: count ${count} after ${highest}`
      highest = Math.max(highest, count)
    }
    if (highest < least) yield `${topic} ${key}: counted ${highest} of ${least}`
  }
}

function countIn(value: string): number {
  const parsed = JSON.parse(value) as number | { readonly count: number }
  return typeof parsed === 'number' ? parsed : parsed.count
}

function sizes(groups: ReadonlyMap<string, readonly unknown[]>): ReadonlyMap<string, number> {
  return new Map([...groups].map(([key, group]) => [key, group.length]))
}
