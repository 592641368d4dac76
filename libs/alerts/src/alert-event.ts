import { json, type Serde } from '@millrace/record'
import type { Window } from '@millrace/time'
import type { AlertRule, Severity } from './rule/alert-rule.ts'
import type { AlertState } from './state/alert-state.ts'

/** Why an alert began or ended. */
export type AlertReason =
  /** `when` held for as long as it had to. */
  | 'condition'
  /** No value for as long as `absentFor`. */
  | 'absent'
  /** A function of the rule threw. */
  | 'rule-failed'
  /** `clearWhen` held, or values came again, for as long as they had to. */
  | 'cleared'
  /** The row was deleted. */
  | 'deleted'
  /** No value for as long as `forgetAfter`. */
  | 'forgotten'

/** What is said once when an alert begins to fire, and once when that is over. */
export interface AlertEvent {
  /** The same whenever the same is said: to recognise a repetition. */
  readonly id: string
  readonly status: 'firing' | 'resolved'
  readonly rule: string
  /** Rule and key: the key of the event's record. One alert at a time fires under it. */
  readonly dedupeKey: string
  readonly severity: Severity
  readonly labels: { readonly [name: string]: string }
  readonly summary: string
  readonly description: string
  readonly runbook: string
  readonly reason: AlertReason
  /** Event time, ms: since when what is told of has been so. */
  readonly sinceMs: number
  /** Event time, ms: when it had been so for long enough. */
  readonly firedAtMs: number
  /** Event time, ms; null while it fires. */
  readonly resolvedAtMs: number | null
  /** Fired on a value of a window that time had not passed. */
  readonly isProvisional: boolean
  /** Of the value that it fired on. */
  readonly window: Window | null
}

export const alertEventSerde: Serde<AlertEvent> = json<AlertEvent>()

interface Said {
  readonly status: AlertEvent['status']
  readonly atMs: number
  readonly reason: AlertReason
}

export function eventOf(
  rule: AlertRule<never, never>,
  dedupe: string,
  state: AlertState,
  { status, atMs, reason }: Said,
): AlertEvent {
  const { name, severity, summary, runbook } = rule
  const { sinceMs, firedAtMs, told } = state
  const dedupeKey = `${name}/${dedupe}`
  return {
    id: `${dedupeKey}@${incidentOf(state)}/${status}`,
    status,
    rule: name,
    dedupeKey,
    severity,
    labels: told.labels,
    summary,
    description: told.description,
    runbook,
    reason,
    sinceMs,
    firedAtMs,
    resolvedAtMs: status === 'resolved' ? atMs : null,
    isProvisional: told.isProvisional,
    window: told.window,
  }
}

/** When it fired, and what tells it from others of the same key and time. */
function incidentOf({ firedAtMs, lateMs, nth }: AlertState): string {
  return [firedAtMs, lateMs > 0 ? `+${lateMs}` : '', nth > 0 ? `#${nth}` : ''].join('')
}
