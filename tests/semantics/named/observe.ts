import { type Headers, headerText, type Topology } from 'millrace'
import { createTestDriver, type TopologyTestDriver } from 'millrace/testing'
import type { NamedResult, NamedStep } from './named-case.ts'

/** What the late topic has of a record. */
export interface ObservedLate {
  readonly after: number
  readonly windowStartMs: number
  readonly windowEndMs: number
  readonly streamTimeMs: number
}

export interface ObserveOptions {
  /** One commit at the end, instead of one with each record. */
  readonly commitsAtEnd?: boolean
}

export interface Observation {
  /** Results, each with the input record that brought it. */
  readonly results: readonly NamedResult[]
  /** Late records, by the input record. */
  readonly late: readonly { readonly after: number; readonly topic: string | undefined }[]
  /** The same, window by window, where the program has a topic `late`. */
  readonly lateWindows: readonly ObservedLate[]
  readonly dropped: number
}

/** Feeds the records to the topics that the topology has; results are what it writes to `out`. */
export async function observe(
  topology: Topology,
  input: readonly NamedStep[],
  { commitsAtEnd = false }: ObserveOptions = {},
): Promise<Observation> {
  const commitAfterEachRecord = !commitsAtEnd
  await using driver = await createTestDriver(topology, { startAtMs: 0, commitAfterEachRecord })
  const output = driver.output('out')
  const lateTopic = hasLateTopic(driver) ? driver.output('late') : null
  const results: NamedResult[] = []
  const late: { after: number; topic: string | undefined }[] = []
  const sum = (counts: object) => Object.values(counts).reduce((a: number, b: number) => a + b, 0)
  const lateWindows: ObservedLate[] = []
  const collect = (after: number) => {
    for (const { key, value, timestampMs } of output.readAll()) {
      results.push({ after, key, value, ts: timestampMs })
    }
    lateWindows.push(...(lateTopic?.readAll() ?? []).map(({ headers }) => lateOf(after, headers)))
  }
  for (const [after, step] of input.entries()) {
    const { topic, key, value, ts } = step
    const lateBefore = sum(driver.late())
    if (topic === undefined) await perform(driver, step)
    else {
      const timestampMs = ts as number
      await driver.input(topic).pipe(key ?? null, value ?? null, { timestampMs })
    }
    collect(after)
    if (sum(driver.late()) > lateBefore) late.push({ after, topic })
  }
  await driver.commit()
  collect(input.length)
  const dropped = Object.values(driver.dropped()).reduce(
    (total, reasons) => total + sum(reasons),
    0,
  )
  return { results, late, lateWindows, dropped }
}

/** A step that is no record. */
async function perform(driver: TopologyTestDriver, { op, ms }: NamedStep): Promise<void> {
  switch (op) {
    case 'setWallClock':
      return driver.advanceWallClock((ms as number) - driver.nowMs())
    case 'restart':
    case 'cleanRestart':
      await driver.crash()
      return driver.resume()
    default:
      throw new Error(`no step '${String(op)}'`)
  }
}

function hasLateTopic({ topology }: TopologyTestDriver): boolean {
  const nodes = [...topology.nodes.values()]
  return nodes.some((node) => node.kind === 'processor' && node.late?.topic === 'late')
}

function lateOf(after: number, headers: Headers): ObservedLate {
  const said = (name: string) => Number(headerText(headers, `millrace.late.${name}`))
  return {
    after,
    windowStartMs: said('window-start'),
    windowEndMs: said('window-end'),
    streamTimeMs: said('stream-time'),
  }
}
