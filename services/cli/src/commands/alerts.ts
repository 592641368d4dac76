import { alertsOnly, diffIncidents, type Incident, type IncidentDiff } from '@millrace/alerts'
import type { TopicPartition } from '@millrace/record'
import { type Duration, parseDuration } from '@millrace/time'
import { loadTopology, type Topology } from '@millrace/topology'
import { applicationOf, withCluster } from '../application.ts'
import { common, readArguments } from '../arguments.ts'
import { readHistory } from '../backtest/history.ts'
import { type Backtest, runBacktest } from '../backtest/run-backtest.ts'
import { type Command, type Terminal, UsageError } from '../command.ts'

interface BacktestArguments {
  readonly fromMs: number
  readonly toMs: number | undefined
  readonly leadInMs: number
  readonly rules: string | undefined
  readonly isDiff: boolean
  readonly recordsMax: number
  readonly isJson: boolean
  readonly topology: string | undefined
}

/** What the alert rules of a topology would have said of history; tells nobody else. */
export const alerts: Command = {
  name: 'alerts',
  usage:
    'backtest --from <time> [--to <time>] [--lead-in <duration>] [--rules <topology file>] [--diff] [--max-records <n>] [--topology <file>] [--json]',
  summary:
    'Runs the alert rules over history, here and without telling anybody: what would have fired, and with --diff what --rules changes. Times as 2026-01-31T12:00:00Z, or as 7d: so long ago.',

  async run(args, terminal) {
    const asked = argumentsOf(args, terminal)
    const { config, topology } = await applicationOf(terminal, asked.topology)
    const candidate = asked.rules === undefined ? undefined : await loadTopology(asked.rules)
    const run = await withCluster(config, async (cluster) => {
      const over = async (rules: Topology): Promise<Run> => {
        const range = { ...asked, fromMs: asked.fromMs - asked.leadInMs }
        const history = await readHistory(cluster, alertsOnly(rules), range)
        const { records, begunLater } = history
        const backtest = await runBacktest(rules, history, asked.fromMs)
        return { ...backtest, records: records.length, begunLater }
      }
      if (candidate === undefined) return { after: await over(topology) }
      return asked.isDiff
        ? { before: await over(topology), after: await over(candidate) }
        : { after: await over(candidate) }
    })
    const diff = run.before && diffIncidents(run.before.incidents, run.after.incidents)
    if (asked.isJson) terminal.out(JSON.stringify({ command: 'alerts', ...run, diff }))
    else print(terminal, run.after, diff)
    return 0
  },
}

interface Run extends Backtest {
  readonly records: number
  readonly begunLater: readonly TopicPartition[]
}

const recordsMaxDefault = 1_000_000

function argumentsOf(args: readonly string[], { nowMs }: Terminal): BacktestArguments {
  const { values, positionals } = readArguments(args, {
    ...common,
    from: { type: 'string' },
    to: { type: 'string' },
    'lead-in': { type: 'string', default: '0s' },
    rules: { type: 'string' },
    diff: { type: 'boolean', default: false },
    'max-records': { type: 'string', default: String(recordsMaxDefault) },
  })
  if (positionals.join(' ') !== 'backtest') throw new UsageError('alerts knows `backtest` only')
  if (values.from === undefined) throw new UsageError('--from is missing')
  if (values.diff && values.rules === undefined) throw new UsageError('--diff needs --rules')
  const fromMs = timeOf('--from', values.from, nowMs())
  const toMs = values.to === undefined ? undefined : timeOf('--to', values.to, nowMs())
  if (toMs !== undefined && toMs <= fromMs) throw new UsageError('--to is not after --from')
  const recordsMax = Number(values['max-records'])
  if (!Number.isSafeInteger(recordsMax) || recordsMax < 1) {
    throw new UsageError('--max-records is no whole number from 1 on')
  }
  return {
    fromMs,
    toMs,
    leadInMs: parseDuration(values['lead-in'] as Duration, '--lead-in'),
    rules: values.rules,
    isDiff: values.diff,
    recordsMax,
    isJson: values.json,
    topology: values.topology,
  }
}

/** ISO 8601, or a duration before now. */
function timeOf(option: string, text: string, nowMs: number): number {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text)) return nowMs - parseDuration(text as Duration, option)
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new UsageError(`${option} ${text} is neither a time nor a duration`)
  return ms
}

function print({ out }: Terminal, run: Run, diff: IncidentDiff | undefined): void {
  out(`${run.records} records of history; ${run.incidents.length} alerts would have fired`)
  if (run.failed > 0) out(`${run.failed} records failed and were left out`)
  for (const { topic, partition } of run.begunLater) {
    out(`${topic}[${partition}] begins later: what was before it is gone`)
  }
  if (diff === undefined) {
    for (const incident of run.incidents) out(`  ${lineOf(incident)}`)
    return
  }
  for (const incident of diff.onlyBefore) out(`- ${lineOf(incident)}`)
  for (const incident of diff.onlyAfter) out(`+ ${lineOf(incident)}`)
  for (const { before, after } of diff.changed) {
    out(`~ ${lineOf(before)}; with the new rules ${endOf(after)}`)
  }
  const { onlyBefore, onlyAfter, changed, same } = diff
  out(
    `${onlyBefore.length} no more, ${onlyAfter.length} new, ${changed.length} end at another time, ${same.length} as before`,
  )
}

function lineOf(incident: Incident): string {
  const { dedupeKey, firing } = incident
  const { firedAtMs, severity, description } = firing
  return `${dateOf(firedAtMs)} ${endOf(incident)} ${severity} ${dedupeKey}: ${description}`
}

function endOf({ resolved }: Incident): string {
  return resolved?.resolvedAtMs == null ? 'fires still' : `to ${dateOf(resolved.resolvedAtMs)}`
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString()
}
