import { setTimeout as sleep } from 'node:timers/promises'
import { AlertBed } from './bed/alert-bed.ts'
import type { AlertRunOptions } from './run-alert-fault.ts'

const dead = 'Watchdog'

/** Load and nothing wrong, the rules as they are: what was told, but for the watchdog. */
export async function runHealthy(
  minutes: number,
  options: AlertRunOptions,
): Promise<readonly string[]> {
  await using bed = await AlertBed.open({ ...options, alert: dead, scale: 1, perSecond: 500 })
  const untilMs = Date.now() + minutes * 60_000
  const told = new Set<string>()
  while (Date.now() < untilMs) {
    for (const name of await bed.prometheus.firing()) told.add(name)
    await sleep(2_000)
  }
  for (const { alert } of bed.hook.deliveries) told.add(alert)
  const isTold = told.delete(dead)
  return [...told, ...(isTold ? [] : ['the watchdog was silent'])]
}
