import type { Duration } from '@millrace/time'
import { parsedRule } from './parse-rule.ts'
import type { Sample } from './sample.ts'

export type Severity = 'critical' | 'warning' | 'info'

interface CommonOptions<K, V> {
  /**
   * Names the alert, the node and the store `<app>-<name>-changelog`: lower case letters, digits and
   * dashes.
   */
  readonly name: string
  readonly severity: Severity
  /** One sentence, the same for all keys. */
  readonly summary: string
  /** Where whoever is called reads what to do. */
  readonly runbook: string
  /** What is so with this key; left out, the summary. */
  readonly description?: (sample: Sample<K, V>) => string
  /** Beside the alert's name and severity. Left out: the key. Part of its identity for Alertmanager. */
  readonly labels?: (sample: Sample<K, V>) => { readonly [name: string]: string }
  /**
   * Keys with the same text are one alert. Left out: the key. Keys that share one must lie in one
   * partition.
   */
  readonly dedupeKey?: (key: K) => string
  /** Event time for which the reason to clear must hold before the alert ends. Default 0. */
  readonly keepFiringFor?: Duration
  /** Raise it where old rows are wrong: old state is then not gone on with. */
  readonly version?: number
}

export interface ConditionOptions<K, V> extends CommonOptions<K, V> {
  /** Whether what is to be told of holds. Pure. */
  readonly when: (sample: Sample<K, V>) => boolean
  /** Once the alert fires: whether it may clear. Left out: where `when` does not hold. Pure. */
  readonly clearWhen?: (sample: Sample<K, V>) => boolean
  /**
   * Event time for which `when` must hold without a break. Default 0. A value holds until the next
   * of its key; a windowed one no longer than its window is.
   */
  readonly for?: Duration
  /** Gives samples a `change`: `of` compared with what it was that long ago. */
  readonly compare?: { readonly over: Duration; readonly of: (value: V, key: K) => number }
  /**
   * Of windowed views: `complete` (default) looks at a value once time has passed its window's end,
   * `provisional` at every update, and says so.
   */
  readonly completeness?: 'complete' | 'provisional'
  /** Event time without a value of the key after which a firing alert ends. Left out: never. */
  readonly forgetAfter?: Duration
  readonly absentFor?: never
}

export interface AbsenceOptions<K, V> extends CommonOptions<K, V> {
  /**
   * Event time without a value of a key that had some. Time moves by the records of other keys, and
   * by idle advance (docs/time.md).
   */
  readonly absentFor: Duration
  /** How long an absent key is told of before it is taken for gone. Default 1 d. */
  readonly forgetAfter?: Duration
  readonly when?: never
}

export type AlertRuleOptions<K, V> = ConditionOptions<K, V> | AbsenceOptions<K, V>

/** A rule that was checked, its durations in milliseconds. */
export interface AlertRule<K, V> {
  readonly name: string
  readonly severity: Severity
  readonly summary: string
  readonly runbook: string
  readonly version: number
  readonly description: (sample: Sample<K, V>) => string
  readonly labels: (sample: Sample<K, V>) => { readonly [name: string]: string }
  readonly dedupeKey: (key: K) => string
  readonly keepFiringForMs: number
  /** Infinite where a firing alert ends by a value only. */
  readonly forgetAfterMs: number
  readonly kind: Condition<K, V> | Absence
  /** The user's functions. */
  readonly functions: readonly unknown[]
}

export interface Condition<K, V> {
  readonly is: 'condition'
  readonly when: (sample: Sample<K, V>) => boolean
  readonly clearWhen: (sample: Sample<K, V>) => boolean
  readonly forMs: number
  readonly compare:
    | { readonly overMs: number; readonly of: (value: V, key: K) => number }
    | undefined
  readonly isProvisionalTaken: boolean
}

export interface Absence {
  readonly is: 'absence'
  readonly absentForMs: number
}

/**
 * When to speak of a value, in event time: the rule of {@link alerts}. The words are those of
 * Prometheus' alerting rules; unlike these it looks at every value, so that a replay decides the same.
 *
 * Throws `MILLRACE_ALERTS_RULE_INVALID` where it cannot be kept.
 *
 * @example
 * alertRule<string, { late: number; all: number }>({
 *   name: 'many-late-departures',
 *   severity: 'critical',
 *   summary: 'Many flights of a carrier leave late.',
 *   runbook: 'https://runbooks.example.org/late-departures',
 *   when: ({ value }) => value.late / value.all > 0.3,
 *   clearWhen: ({ value }) => value.late / value.all < 0.2,
 *   for: '30m',
 *   keepFiringFor: '15m',
 * })
 */
export function alertRule<K, V>(options: AlertRuleOptions<K, V>): AlertRule<K, V> {
  return parsedRule(options)
}
