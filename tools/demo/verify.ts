import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '@millrace/kafka'
import { type Serde, sessionWindowed, string, type WindowedKey, windowed } from '@millrace/record'
import { computeArrivals } from './judge/arrivals.ts'
import type { BatchRecord } from './judge/batch-record.ts'
import { computeJourneys } from './judge/journeys.ts'
import { computeSessions } from './judge/sessions.ts'
import { computeBatch, type DelayStatistics, type WindowedSpec } from './judge/windows.ts'
import { readTopic, type TopicRecord } from './read-topic.ts'
import { demoTopics } from './topics.ts'

export interface Verification {
  readonly records: number
  readonly windows: number
  readonly sessions: number
  readonly journeys: number
  readonly late: number
  readonly deadLetters: number
  /** What does not agree, each in a sentence. */
  readonly differences: readonly string[]
  /** Flights counted again after a kill: allowed at-least-once, impossible exactly-once. */
  readonly surplus: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const graceMs = 4 * hourMs

/** The views to check; the same figures as in the topology, stated again on purpose. */
const views: readonly { readonly topic: string; readonly spec: WindowedSpec }[] = [
  {
    topic: demoTopics.perQuarter,
    spec: { sizeMs: 15 * minuteMs, advanceMs: 15 * minuteMs, graceMs },
  },
  { topic: demoTopics.perHour, spec: { sizeMs: hourMs, advanceMs: 15 * minuteMs, graceMs } },
]

/**
 * Reads the whole input from the broker, computes every result as a batch, and compares it with the
 * last one that the processors wrote for it. With `allowRepeats` (at-least-once and a kill) a
 * result may hold more flights than there were, never fewer.
 */
export async function verify(cluster: Cluster, allowRepeats: boolean): Promise<Verification> {
  const read = async (topic: string) => (await readTopic(cluster, topic)).map(asBatch)
  const flights = await read(demoTopics.input)
  const movements = await read(demoTopics.movements)
  const judge = new Judge(cluster, allowRepeats)
  const delays = views.map(({ topic, spec }) => ({ topic, spec, of: computeBatch(flights, spec) }))
  for (const { topic, spec, of } of delays) {
    await judge.compare(topic, of.windows, windowed(string, spec.sizeMs), flightsOf)
  }
  const arrivals = computeArrivals(flights)
  await judge.compare(demoTopics.arrivals, arrivals, windowed(string, dayMs), countOf)
  const sessions = computeSessions(flights, { gapMs: hourMs, graceMs })
  await judge.compare(demoTopics.busyPeriods, sessions, sessionWindowed(string), countOf)
  const spec = { afterMs: 12 * hourMs, graceMs: hourMs }
  const journeys = computeJourneys(movements, cities(await read(demoTopics.airports)), spec)
  await judge.compare(demoTopics.journeys, journeys, null, () => 0)
  const [quarters] = delays
  const late = await judge.count(demoTopics.late, quarters?.of.late ?? 0)
  await judge.count(demoTopics.lateArrivals, 0)
  const deadLetters = await judge.count(demoTopics.deadLetters, quarters?.of.undecodable ?? 0)
  return {
    records: flights.flat().length + movements.flat().length,
    windows: delays.reduce((sum, { of }) => sum + of.windows.size, arrivals.size),
    sessions: sessions.size,
    journeys: journeys.size,
    late,
    deadLetters,
    differences: judge.differences,
    surplus: judge.surplus,
  }
}

/** Collects what is wrong with each topic. */
class Judge {
  readonly differences: string[] = []
  surplus = 0
  readonly #cluster: Cluster
  readonly #allowRepeats: boolean

  constructor(cluster: Cluster, allowRepeats: boolean) {
    this.#cluster = cluster
    this.#allowRepeats = allowRepeats
  }

  /** The last result of each key against what the batch has; `size` tells how many flights are in it. */
  async compare<R>(
    topic: string,
    expected: ReadonlyMap<string, R>,
    keySerde: Serde<WindowedKey<string>> | null,
    size: (result: R) => number,
  ): Promise<void> {
    const actual = lastResults<R>(await readTopic(this.#cluster, topic), keySerde)
    for (const [id, wanted] of expected) {
      const got = actual.get(id)
      const more = got === undefined ? 0 : size(got) - size(wanted)
      this.surplus += Math.max(more, 0)
      if (isDeepStrictEqual(got, wanted) || (this.#allowRepeats && more > 0)) continue
      this.differences.push(
        `${topic} ${id}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`,
      )
    }
    for (const id of actual.keys()) {
      if (!expected.has(id)) this.differences.push(`${topic} ${id}: not in the batch`)
    }
  }

  /** How many records a topic has. */
  async count(topic: string, wanted: number): Promise<number> {
    const got = (await readTopic(this.#cluster, topic)).flat().length
    if (got !== wanted && !(this.#allowRepeats && got > wanted)) {
      this.differences.push(`${got} records in ${topic} instead of ${wanted}`)
    }
    return got
  }
}

function asBatch(records: readonly TopicRecord[]): readonly BatchRecord[] {
  return records.map(({ key, value, timestampMs }) => ({
    key: String(key),
    value: String(value),
    timestampMs,
  }))
}

/** By the name that the batch gives: the key, and the window's start or the session's ends. */
function lastResults<R>(
  partitions: readonly TopicRecord[][],
  keySerde: Serde<WindowedKey<string>> | null,
): Map<string, R> {
  const results = new Map<string, R>()
  for (const { key, value } of partitions.flat()) {
    if (key === null) continue
    const id = keySerde === null ? key.toString() : idOf(keySerde.deserialize(key), keySerde.name)
    if (value === null) results.delete(id)
    else results.set(id, JSON.parse(String(value)) as R)
  }
  return results
}

function idOf({ key, window }: WindowedKey<string>, serde: string): string {
  const { startMs, endMs } = window
  return serde.startsWith('session') ? `${key}@${startMs}-${endMs}` : `${key}@${startMs}`
}

function cities(partitions: readonly (readonly BatchRecord[])[]): ReadonlyMap<string, string> {
  return new Map(
    partitions.flat().map(({ key, value }) => [key, (JSON.parse(value) as { city: string }).city]),
  )
}

const flightsOf = ({ flights }: DelayStatistics) => flights
const countOf = (flights: number) => flights
