import { type AlertEvent, type AlertRuleOptions } from 'millrace/alerts'
import type { TopologyTestDriver } from 'millrace/testing'
import { expect } from 'vitest'

export type Options = Partial<AlertRuleOptions<string, number>>

export const named = {
  name: 'hot',
  severity: 'critical',
  summary: 'It is hot.',
  runbook: 'https://example.org/hot',
} as const

export const whenHot: Options = { when: ({ value }) => value > 90 }

export type Reading = readonly [atMs: number, value: number | null, key?: string]

export async function feed(driver: TopologyTestDriver, ...all: readonly Reading[]): Promise<void> {
  for (const [timestampMs, value, key = 'k'] of all) {
    await driver.input('in').pipe(key, value, { timestampMs })
  }
}

/** What was said since the last call: `hot/k fires at 10, since 0: condition`. */
export function said(driver: TopologyTestDriver): readonly string[] {
  return driver
    .output<string, AlertEvent>('out')
    .readAll()
    .map(({ key, value, timestampMs }) => {
      if (value === null) throw new Error('an event is never null')
      const { status, sinceMs, firedAtMs, resolvedAtMs, reason, dedupeKey } = value
      expect([key, timestampMs]).toEqual([dedupeKey, resolvedAtMs ?? firedAtMs])
      return status === 'firing'
        ? `${key} fires at ${firedAtMs}, since ${sinceMs}: ${reason}`
        : `${key} ends at ${resolvedAtMs}: ${reason}`
    })
}
