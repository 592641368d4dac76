import { join } from 'node:path'
import { debianPackage } from '../../../tools/test/system-packages.ts'
import type { Programs } from './bed/alert-bed.ts'
import { alertNames } from './bed/rules.ts'
import { runHealthy } from './healthy-run.ts'
import { alertFaults, notStruck } from './registry.ts'
import { alertReport } from './report.ts'
import { type Measured, runAlertFault } from './run-alert-fault.ts'

export interface AlertsOptions {
  readonly brokers: string
  readonly print: (line: string) => void
  /** Names of alerts, or parts of them; none: all. */
  readonly only: readonly string[]
  readonly healthyMinutes: number
}

/** Most of a fault is waiting. */
const atOnce = 3

/** Programs of Debian's packages; throws where they cannot be had. */
export function alertPrograms(): Programs {
  const folderOf = (name: string): string => {
    const found = debianPackage(name)
    if ('missing' in found) throw new Error(found.missing)
    return found.folder
  }
  return {
    prometheus: join(folderOf('prometheus'), 'usr/bin/prometheus'),
    alertmanager: join(folderOf('prometheus-alertmanager'), 'usr/bin/prometheus-alertmanager'),
  }
}

/** `npm run faults -- alerts`: strikes, measures and compares with what the rules promise; how many failed. */
export async function runAlerts(options: AlertsOptions): Promise<number> {
  const { print, only, healthyMinutes } = options
  const run = { ...options, programs: alertPrograms() }
  const isWanted = ({ alert }: { readonly alert: string }): boolean =>
    only.length === 0 || only.some((part) => alert.includes(part))
  let passed = 0
  let failed = 0
  if (healthyMinutes > 0) {
    print(`healthy for ${healthyMinutes} minutes, under load`)
    const told = await runHealthy(healthyMinutes, run)
    if (told.length === 0) passed++
    else failed++
    print(told.length === 0 ? 'no alert but the watchdog' : `FAILED: ${told.join(', ')}`)
  }
  const waiting = alertFaults.filter(isWanted)
  const rows: Measured[] = []
  const lane = async (): Promise<void> => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      print(`${fault.alert}: ${fault.title} …`)
      const measured = await runAlertFault(fault, run)
      rows.push(measured)
      print(alertReport([measured]))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const order = new Map(alertFaults.map((fault, at) => [fault, at]))
  rows.sort((left, right) => (order.get(left.fault) ?? 0) - (order.get(right.fault) ?? 0))
  const failures = rows.filter(({ problems }) => problems.length > 0).length
  print(`\n${alertReport(rows)}\n`)
  print('A scale of 1:10 is a tenth of the durations of the rule; its own are proven by promtool.')
  for (const [alert, why] of Object.entries(notStruck)) print(`not struck: ${alert}: ${why}`)
  const struck = new Set([...alertFaults.map(({ alert }) => alert), ...Object.keys(notStruck)])
  const forgotten = alertNames().filter((alert) => !struck.has(alert))
  if (forgotten.length > 0) print(`FAILED: no fault for ${forgotten.join(', ')}`)
  passed += rows.length - failures
  failed += failures + (forgotten.length > 0 ? 1 : 0)
  print(`${passed} passed, ${failed} failed`)
  return failed
}
