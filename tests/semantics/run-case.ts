import type { CommitStep } from '@millrace/runtime'
import type { OutputRecord, OutputTopic, TopologyTestDriver } from 'millrace/testing'
import { createTestDriver } from 'millrace/testing'
import { type Case, type ExpectedRecord, paramsOf } from './case.ts'
import type { Program } from './programs/program.ts'

/** A record of an output topic and the input step during which it was written. */
export interface WrittenRecord extends ExpectedRecord {
  readonly step: number
}

export interface Outcome {
  readonly output: readonly WrittenRecord[]
  readonly dropped: number
}

export interface RunOptions {
  /** Every update goes out and each record is committed; else one commit ends the run. */
  readonly everyUpdate: boolean
  /** The application is killed and started again after every step. */
  readonly restarts?: 'with state' | 'without state'
  /** With every step, it dies in the middle of the commit, at these points in turn. */
  readonly crashesBefore?: readonly CommitStep[]
}

/** Feeds a case to its program, step by step. */
export async function runCase(
  program: Program,
  it: Case,
  { everyUpdate, restarts, crashesBefore = [] }: RunOptions,
): Promise<Outcome> {
  await using driver = await createTestDriver(program.topology(paramsOf(it), { everyUpdate }), {
    startAtMs: 0,
    commitAfterEachRecord: everyUpdate && crashesBefore.length === 0,
  })
  const inputs = new Map(program.inputs.map((topic) => [topic, driver.input(topic)]))
  const outputs = outputsOf(driver, program)
  const output: WrittenRecord[] = []
  const collect = (step: number) => {
    for (const topic of outputs) {
      output.push(...topic.readAll().map((record) => ({ ...flat(topic.topic, record), step })))
    }
  }
  for (const [number, step] of it.input.entries()) {
    if ('advanceWallClockMs' in step) await driver.advanceWallClock(step.advanceWallClockMs)
    else {
      const { topic, key, value, timestampMs } = step
      await inputs.get(topic)?.pipe(key, value, { timestampMs })
    }
    collect(number)
    if (restarts === undefined) continue
    const before = crashesBefore[number % crashesBefore.length]
    await driver.crash(before === undefined ? {} : { before })
    await driver.resume({ keepState: restarts === 'with state' })
  }
  await driver.commit()
  collect(it.input.length)
  return { output, dropped: droppedBy(driver) }
}

/** A topic that this variant of the program does not write stays empty. */
function outputsOf(driver: TopologyTestDriver, program: Program): OutputTopic<unknown, unknown>[] {
  const sinks = new Set<string>()
  for (const node of driver.topology.nodes.values()) if (node.kind === 'sink') sinks.add(node.topic)
  return program.outputs.filter((topic) => sinks.has(topic)).map((topic) => driver.output(topic))
}

/** Windowed keys as the cases write them. */
function flat(topic: string, record: OutputRecord<unknown, unknown>): ExpectedRecord {
  const { key, value, timestampMs } = record
  return { topic, key: flatKey(key), value, timestampMs }
}

function flatKey(key: unknown): ExpectedRecord['key'] {
  if (key === null || typeof key === 'string') return key
  const { key: bare, window } = key as { key: string; window: { startMs: number; endMs: number } }
  return { key: bare, startMs: window.startMs, endMs: window.endMs }
}

/** What Kafka Streams counts as well: late records, and what aggregations and sources refuse. */
function droppedBy(driver: TopologyTestDriver): number {
  const late = Object.values(driver.late())
  const dropped = Object.entries(driver.dropped()).flatMap(([operator, reasons]) => {
    const node = driver.topology.nodes.get(operator)
    const isBeforeRepartition = node?.kind === 'processor' && node.operator === 'dropNullKeys'
    return isBeforeRepartition ? [] : Object.values(reasons)
  })
  return [...late, ...dropped].reduce((sum, count) => sum + count, 0)
}
