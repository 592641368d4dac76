import {
  type AlertEvent,
  alertsOnly,
  backtestTopic,
  type Incident,
  incidentsOf,
} from '@millrace/alerts'
import { bytes } from '@millrace/record'
import { createTestDriver } from '@millrace/testing'
import type { Topology } from '@millrace/topology'
import type { History } from './history.ts'

export interface Backtest {
  readonly incidents: readonly Incident[]
  /** Records left out because they could not be read or processed. */
  readonly failed: number
}

const commitEvery = 1_000
const deadLetterTopic = 'backtest-dead-letters'

/**
 * Runs the alert rules of a topology over history, in this process: the engine's own tasks on a cluster
 * that is pretended. Nothing of it leaves the process, but for what `mapAsync` asks.
 */
export async function runBacktest(
  topology: Topology,
  { records, partitionCounts }: History,
  fromMs: number,
): Promise<Backtest> {
  const { timestampMs: startAtMs = 0 } = records.at(-1) ?? {}
  await using driver = await createTestDriver(alertsOnly(topology), {
    applicationId: 'backtest',
    commitAfterEachRecord: false,
    partitions: partitionCounts,
    deadLetterTopic,
    startAtMs,
  })
  const inputs = new Map(
    Object.keys(partitionCounts).map((topic) => [
      topic,
      driver.input(topic, { key: bytes, value: bytes }),
    ]),
  )
  for (const [at, { topic, key, value, ...rest }] of records.entries()) {
    await inputs.get(topic)?.pipe(key, value, rest)
    if (at % commitEvery === 0) await driver.commit()
  }
  await driver.commit()
  const events = driver
    .output<string, AlertEvent>(backtestTopic)
    .readAll()
    .flatMap(({ value }) => value ?? [])
  const ofRules = Object.values(driver.dropped()).map((counts) => counts['failed-rule'] ?? 0)
  const failed = ofRules.reduce((sum, count) => sum + count, driver.deadLetters().length)
  return { incidents: incidentsOf(events, fromMs), failed }
}
