import type { Cluster } from '@millrace/kafka'
import { string, windowed } from '@millrace/record'
import { type BatchResult, computeBatch, type DelayStatistics, type WindowedSpec } from './batch.ts'
import { readTopic, type TopicRecord } from './read-topic.ts'
import { demoTopics } from './topics.ts'

export interface Verification {
  readonly records: number
  readonly windows: number
  readonly late: number
  readonly deadLetters: number
  /** What does not agree, each in a sentence. */
  readonly differences: readonly string[]
  /** Flights counted again after a kill: allowed at-least-once, impossible exactly-once. */
  readonly surplus: number
}

const quarterMs = 15 * 60_000
const graceMs = 4 * 60 * 60_000

/** The views to check; the same figures as in the topology, stated again on purpose. */
const views: readonly { readonly topic: string; readonly spec: WindowedSpec }[] = [
  { topic: demoTopics.perQuarter, spec: { sizeMs: quarterMs, advanceMs: quarterMs, graceMs } },
  { topic: demoTopics.perHour, spec: { sizeMs: 4 * quarterMs, advanceMs: quarterMs, graceMs } },
]

/**
 * Reads the whole input from the broker, computes every window as a batch, and compares it with the
 * last result that the processors wrote for it. With `allowRepeats` (at-least-once and a kill) a
 * window may hold more flights than there were, never fewer.
 */
export async function verify(cluster: Cluster, allowRepeats: boolean): Promise<Verification> {
  const input = await readTopic(cluster, demoTopics.input)
  const partitions = input.map((records) => records.map(asBatchRecord))
  const differences: string[] = []
  const totals = { windows: 0, surplus: 0 }
  for (const { topic, spec } of views) {
    const expected = computeBatch(partitions, spec)
    const actual = lastResults(await readTopic(cluster, topic), spec.sizeMs)
    totals.windows += expected.windows.size
    totals.surplus += compare(topic, expected, actual, allowRepeats, differences)
  }
  const expected = computeBatch(partitions, (views[0] as (typeof views)[number]).spec)
  const late = (await readTopic(cluster, demoTopics.late)).flat().length
  const deadLetters = (await readTopic(cluster, demoTopics.deadLetters)).flat().length
  compareCounts('late records', expected.late, late, allowRepeats, differences)
  compareCounts('dead letters', expected.undecodable, deadLetters, allowRepeats, differences)
  return { records: input.flat().length, late, deadLetters, differences, ...totals }
}

function asBatchRecord({ key, value, timestampMs }: TopicRecord): {
  key: string
  value: string
  timestampMs: number
} {
  return { key: String(key), value: String(value), timestampMs }
}

/** By `origin@windowStartMs`, as the batch names them. */
function lastResults(
  partitions: readonly TopicRecord[][],
  sizeMs: number,
): Map<string, DelayStatistics> {
  const keySerde = windowed(string, sizeMs)
  const results = new Map<string, DelayStatistics>()
  for (const { key, value } of partitions.flat()) {
    if (key === null || value === null) continue
    const { key: origin, window } = keySerde.deserialize(key)
    results.set(`${origin}@${window.startMs}`, JSON.parse(String(value)) as DelayStatistics)
  }
  return results
}

/** Returns the surplus of flights; adds what is wrong to `differences`. */
function compare(
  topic: string,
  expected: BatchResult,
  actual: ReadonlyMap<string, DelayStatistics>,
  allowRepeats: boolean,
  differences: string[],
): number {
  let surplus = 0
  for (const [id, wanted] of expected.windows) {
    const got = actual.get(id)
    const more = (got?.flights ?? 0) - wanted.flights
    const isEqual =
      got !== undefined &&
      more === 0 &&
      got.meanDelay === wanted.meanDelay &&
      got.lateShare === wanted.lateShare
    if (!isEqual && !(allowRepeats && more > 0)) {
      differences.push(
        `${topic} ${id}: ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`,
      )
    }
    surplus += Math.max(more, 0)
  }
  for (const id of actual.keys()) {
    if (!expected.windows.has(id))
      differences.push(`${topic} ${id}: a window that the batch does not have`)
  }
  return surplus
}

function compareCounts(
  what: string,
  wanted: number,
  got: number,
  allowRepeats: boolean,
  differences: string[],
): void {
  if (got === wanted || (allowRepeats && got > wanted)) return
  differences.push(`${got} ${what} instead of ${wanted}`)
}
