import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { durationMs, type Rule, scaledRule } from './time-scale.ts'

const folder = join(import.meta.dirname, '../../../../deploy/prometheus/rules')

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/** What lies between a fault and a notification beside the rule: scrape, evaluation, `group_wait`. */
const overheadMs = 20_000
/** The same at its end, without the wait for the group. */
const clearOverheadMs = 10_000

/** The project's rules as one file, those of one alert on a time scale: with what it records. */
export function rulesFor(alert: string, scale: number): RuleFile {
  const isScaled = (rule: Rule): boolean =>
    rule.alert === alert || (rule.record !== undefined && ruleOf(alert).expr.includes(rule.record))
  const groups = ruleFiles().flatMap((file) => file.groups)
  return {
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => (isScaled(rule) ? scaledRule(rule, scale) : rule)),
    })),
  }
}

export interface AlertPromise {
  readonly detectsInMs: number
  readonly clearsInMs: number
}

/** What the rule's annotations promise, on this scale. */
export function promiseOf(alert: string, scale: number): AlertPromise {
  const { annotations = {} } = ruleOf(alert)
  const scaled = (promise: string | undefined, overhead: number): number => {
    if (promise === undefined) throw new Error(`${alert} promises nothing`)
    const ms = durationMs(promise)
    return scale === 1 ? ms : (ms - overhead) / scale + overhead
  }
  return {
    detectsInMs: scaled(annotations['detects_in'], overheadMs),
    clearsInMs: scaled(annotations['clears_in'], clearOverheadMs),
  }
}

/** Names of all alerts, in the order of the files. */
export function alertNames(): readonly string[] {
  const rules = ruleFiles().flatMap(({ groups }) => groups.flatMap((group) => group.rules))
  return rules.flatMap(({ alert }) => alert ?? [])
}

function ruleOf(alert: string): Rule {
  const rules = ruleFiles().flatMap(({ groups }) => groups.flatMap((group) => group.rules))
  const found = rules.find((rule) => rule.alert === alert)
  if (found === undefined) throw new Error(`There is no alert ${alert}`)
  return found
}

function ruleFiles(): readonly RuleFile[] {
  return readdirSync(folder).map(
    (name) => parse(readFileSync(join(folder, name), 'utf8')) as RuleFile,
  )
}
