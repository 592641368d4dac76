import { setTimeout as sleep } from 'node:timers/promises'
import type { AlertFault } from './alert-fault.ts'
import { AlertBed, type Programs } from './bed/alert-bed.ts'
import { type AlertPromise, promiseOf } from './bed/rules.ts'

export interface Measured {
  readonly fault: AlertFault
  readonly promise: AlertPromise
  /** From the fault to the notification (where inhibited: to firing); undefined: never. */
  readonly detectedInMs: number | undefined
  readonly clearedInMs: number | undefined
  readonly problems: readonly string[]
}

export interface AlertRunOptions {
  readonly brokers: string
  readonly programs: Programs
  readonly print: (line: string) => void
}

/** How much longer than promised is waited, to tell by how much a promise was missed. */
const patience = 1.5
const patienceMsMin = 30_000
const pollMs = 250

/** Strikes, measures until the alert is delivered, makes good, measures until it is over. */
export async function runAlertFault(
  fault: AlertFault,
  options: AlertRunOptions,
): Promise<Measured> {
  const { alert, scale } = fault
  const promise = promiseOf(alert, scale)
  const problems: string[] = []
  let [detectedInMs, clearedInMs]: (number | undefined)[] = []
  const others = new Set<string>()
  try {
    await using bed = await AlertBed.open({ ...fault.bed, ...options, alert, scale })
    const noteOthers = async (): Promise<readonly string[]> => {
      const firing = await bed.prometheus.firing()
      for (const name of firing) others.add(name)
      return firing
    }
    await noteOthers()
    if (others.has(alert)) problems.push('it fired before anything was wrong')
    const begunAtMs = (await fault.begin(bed)) ?? Date.now()
    detectedInMs = await measured(begunAtMs, promise.detectsInMs, async () => {
      const firing = await noteOthers()
      if (fault.isInhibited) return firing.includes(alert) ? Date.now() : undefined
      return bed.hook.firedAtMs(alert, begunAtMs)
    })
    if (detectedInMs !== undefined) {
      const endedAtMs = (await fault.end(bed)) ?? Date.now()
      clearedInMs = await measured(endedAtMs, promise.clearsInMs, async () =>
        (await noteOthers()).includes(alert) ? undefined : Date.now(),
      )
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  const allowed = new Set([alert, 'Watchdog', ...(fault.also ?? [])])
  const unasked = [...others].filter((name) => !allowed.has(name))
  if (unasked.length > 0) problems.push(`fired as well: ${unasked.join(', ')}`)
  problems.push(...missed('detected', detectedInMs, promise.detectsInMs))
  if (detectedInMs !== undefined)
    problems.push(...missed('cleared', clearedInMs, promise.clearsInMs))
  return { fault, promise, detectedInMs, clearedInMs, problems }
}

/** From a moment until a condition says when it was met; undefined where that takes far too long. */
async function measured(
  fromMs: number,
  promisedMs: number,
  metAtMs: () => Promise<number | undefined>,
): Promise<number | undefined> {
  const deadlineMs = fromMs + Math.max(promisedMs * patience, promisedMs + patienceMsMin)
  for (;;) {
    const atMs = await metAtMs()
    if (atMs !== undefined) return Math.max(0, atMs - fromMs)
    if (Date.now() > deadlineMs) return undefined
    await sleep(pollMs)
  }
}

function missed(what: string, tookMs: number | undefined, promisedMs: number): readonly string[] {
  if (tookMs === undefined) return [`never ${what}`]
  if (tookMs <= promisedMs) return []
  return [`${what} after ${seconds(tookMs)}, ${seconds(promisedMs)} were promised`]
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
