import { headerText, type Windowed } from 'millrace'
import { createTestDriver, type OutputRecord, type TopologyTestDriver } from 'millrace/testing'
import type { GoldenInput, GoldenProgram, GoldenRecord } from './golden-program.ts'

export interface CrashPlan {
  /** After so many records each; 0: never. */
  readonly everyRecords: number
  readonly keepState: boolean
  /** Dies in a commit, before this step; left out: between two commits. */
  readonly before?: Parameters<TopologyTestDriver['crash']>[0] extends
    | { readonly before?: infer Step }
    | undefined
    ? Step
    : never
  /** Commits after so many records; left out: after each. */
  readonly commitEveryRecords?: number
}

const never: CrashPlan = { everyRecords: 0, keepState: true }

/** Everything that the program writes for this input. */
export async function runGolden(
  program: GoldenProgram,
  input: readonly GoldenInput[],
  { everyRecords, keepState, before, commitEveryRecords }: CrashPlan = never,
): Promise<GoldenRecord[]> {
  const { topology, partitions = {}, outputs } = program
  const commitAfterEachRecord = commitEveryRecords === undefined
  await using driver = await createTestDriver(topology, { partitions, commitAfterEachRecord })
  for (const [nth, { topic, key, value, timestampMs }] of input.entries()) {
    await driver.input(topic).pipe(key, value, { timestampMs })
    const count = nth + 1
    if (commitEveryRecords !== undefined && count % commitEveryRecords === 0) await driver.commit()
    if (everyRecords > 0 && count % everyRecords === 0) {
      await driver.crash(before === undefined ? {} : { before })
      await driver.resume({ keepState })
    }
  }
  await driver.commit()
  return outputs.flatMap((topic) =>
    driver
      .output(topic)
      .readAll()
      .map((record) => toLine(topic, record)),
  )
}

/** The last value of each `topic key[ @windowStart]` of the result topics; deleted ones are gone. */
export function lastValues(
  { resultTopics }: GoldenProgram,
  output: readonly GoldenRecord[],
): Map<string, unknown> {
  const last = new Map<string, unknown>()
  for (const { topic, key, value } of output) {
    if (!resultTopics.includes(topic)) continue
    const name = key !== null && typeof key === 'object' ? `${key.key} @${key.startMs}` : key
    if (value === null) last.delete(`${topic} ${name}`)
    else last.set(`${topic} ${name}`, value)
  }
  return last
}

function toLine(topic: string, record: OutputRecord<unknown, unknown>): GoldenRecord {
  const { key, value, timestampMs, headers } = record
  const line = { topic, key: toKey(key), value, timestampMs }
  if (headers.length === 0) return line
  const texts = headers.map(([name]) => [name, headerText(headers, name) ?? ''] as const)
  return { ...line, headers: Object.fromEntries(texts) }
}

function toKey(key: unknown): GoldenRecord['key'] {
  if (key === null || typeof key === 'string') return key
  const { key: bare, window } = key as Windowed<string>
  return { key: bare, startMs: window.startMs }
}
