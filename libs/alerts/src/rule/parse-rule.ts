import { MillraceError } from '@millrace/errors'
import { type Duration, parseDuration } from '@millrace/time'
import type { AlertRule, AlertRuleOptions, ConditionOptions } from './alert-rule.ts'
import { textOf } from './text-of.ts'

const nameForm = /^[a-z][a-z0-9-]{0,99}$/
const severities: readonly string[] = ['critical', 'warning', 'info']

/** Throws `MILLRACE_ALERTS_RULE_INVALID`, or `MILLRACE_TIME_DURATION_INVALID` for a duration. */
export function parsedRule<K, V>(options: AlertRuleOptions<K, V>): AlertRule<K, V> {
  const { name, severity, summary, runbook, version = 1 } = options
  if (!nameForm.test(name)) {
    throw invalid(name, 'its name is not of lower case letters, digits and dashes')
  }
  if (!severities.includes(severity)) {
    throw invalid(name, `its severity is '${severity}', and not one of ${severities.join(', ')}`)
  }
  if (!summary?.trim()) throw invalid(name, 'it has no summary')
  if (!URL.canParse(runbook)) throw invalid(name, `its runbook '${runbook}' is no URL`)
  const ms = (value: Duration | undefined, of: string, otherwise: number): number =>
    value === undefined ? otherwise : parseDuration(value, `\`${of}\` of the alert rule '${name}'`)
  const isAbsence = options.absentFor !== undefined
  return Object.freeze({
    name,
    severity,
    summary,
    runbook,
    version,
    description: options.description ?? (() => summary),
    labels: options.labels ?? (({ key }) => ({ key: textOf(key) })),
    dedupeKey: options.dedupeKey ?? textOf,
    keepFiringForMs: ms(options.keepFiringFor, 'keepFiringFor', 0),
    forgetAfterMs: positive(
      name,
      'forgetAfter',
      ms(options.forgetAfter, 'forgetAfter', isAbsence ? dayMs : Number.POSITIVE_INFINITY),
    ),
    kind: isAbsence ? absenceOf(name, options, ms) : conditionOf(name, options, ms),
    functions: Object.values(options).filter((it) => typeof it === 'function'),
  })
}

const dayMs = 86_400_000

type Ms = (value: Duration | undefined, of: string, otherwise: number) => number

function absenceOf<K, V>(name: string, options: AlertRuleOptions<K, V>, ms: Ms) {
  if (options.when !== undefined) {
    throw invalid(name, 'it has both `when` and `absentFor`: these are two alerts')
  }
  const absentForMs = positive(name, 'absentFor', ms(options.absentFor, 'absentFor', 0))
  return { is: 'absence', absentForMs } as const
}

function conditionOf<K, V>(name: string, options: ConditionOptions<K, V>, ms: Ms) {
  const { when, clearWhen, compare, completeness = 'complete' } = options
  if (typeof when !== 'function') throw invalid(name, 'it has neither `when` nor `absentFor`')
  return {
    is: 'condition',
    when,
    clearWhen: clearWhen ?? ((sample) => !when(sample)),
    forMs: ms(options.for, 'for', 0),
    compare: compare && {
      overMs: positive(name, 'compare.over', ms(compare.over, 'compare.over', 0)),
      of: compare.of,
    },
    isProvisionalTaken: completeness === 'provisional',
  } as const
}

function positive(name: string, of: string, ms: number): number {
  if (ms <= 0) throw invalid(name, `its \`${of}\` is 0`)
  return ms
}

function invalid(name: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_ALERTS_RULE_INVALID', {
    message: `the alert rule '${name}' cannot be kept: ${why}`,
  })
}
