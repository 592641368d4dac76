import type { FaultOutcome } from '../fault.ts'
import { type Folded, judge, judgeAtLeastOnce, type Reading } from '../oracle/judge.ts'
import { readLog } from '../oracle/read-log.ts'
import type { LogRecord } from '../oracle/record-batches.ts'
import type { Application } from './application.ts'
import { isPoison } from './poison.ts'
import { decided, drained } from './progress.ts'

export interface Strikes {
  readonly rounds: number
  readonly firstCommitsMs?: readonly number[]
  /** The most that `firstCommitsMs` may be. */
  readonly firstCommitMsMax?: number
  readonly problems?: readonly string[]
  /** The fault takes state away, so that a full restore is right. */
  readonly mayWipe?: boolean
}

/** Everything is read and committed, the application down, the transactions decided: judges. */
export async function conclude(app: Application, strikes: Strikes): Promise<FaultOutcome> {
  await app.feeder.stop()
  await drained(app)
  const problems = [...(strikes.problems ?? [])]
  for (const name of [...app.members.keys()]) {
    const { code } = await app.stop(name)
    if (code !== 0) problems.push(`${name} ended with ${code} on SIGTERM`)
  }
  await decided(app, ['echo', 'out', 'by-item-repartition', 'folds-changelog'])
  const verdict = await verdictOf(app)
  const firstCommitsMs = strikes.firstCommitsMs ?? []
  const slowest = Math.max(0, ...firstCommitsMs)
  const { firstCommitMsMax = Number.POSITIVE_INFINITY, mayWipe = false } = strikes
  if (slowest > firstCommitMsMax) {
    problems.push(`first commit after ${slowest.toFixed(0)} ms, ${firstCommitMsMax} allowed`)
  }
  if (!mayWipe) problems.push(...wipes(app))
  problems.push(...judged(app, verdict))
  const { lost, duplicated, wrong } = verdict
  return { rounds: strikes.rounds, lost, duplicated, wrong, firstCommitsMs, problems }
}

function judged(app: Application, verdict: Awaited<ReturnType<typeof verdictOf>>): string[] {
  const { lost, duplicated, wrong, examples, undecided, fed, read } = verdict
  const isRight =
    lost === 0 && wrong === 0 && (duplicated === 0 || app.guarantee !== 'exactly_once')
  const problems = isRight ? [] : [...examples]
  if (read !== fed) problems.push(`${fed} readings fed, ${read} read`)
  if (undecided > 0) problems.push(`${undecided} records in undecided transactions`)
  return problems
}

async function verdictOf(app: Application) {
  const { scene, transport } = app
  const [input, echo, out] = await Promise.all(
    ['in', 'echo', 'out'].map((name) => readLog(transport, scene.topic(name))),
  )
  const committed = await scene.cluster.committedOffsets(
    scene.name,
    (input ?? []).map((_, partition) => ({ topic: scene.topic('in'), partition })),
    { requireStable: true },
  )
  const end = new Map(committed.map(({ partition, offset }) => [partition, offset]))
  const readings = (input ?? []).flatMap(({ records }, partition) =>
    records.filter(({ offset }) => offset < (end.get(partition) ?? 0)).flatMap(goodReading),
  )
  const echoed = (echo ?? []).flatMap(({ records }) => records).map(readingOf)
  const folded = (out ?? []).flatMap(({ records }) => records).map(foldedOf)
  const undecided = [...(echo ?? []), ...(out ?? [])].reduce((sum, each) => sum + each.undecided, 0)
  const judgeBy = app.guarantee === 'exactly_once' ? judge : judgeAtLeastOnce
  const { lost, duplicated, wrong, examples } = judgeBy(readings, echoed, folded)
  const counts = { undecided, fed: app.feeder.fed, read: readings.length }
  return { lost, duplicated, wrong, examples, ...counts }
}

/** Poison is no part of what must come out. */
function goodReading(record: LogRecord): Reading[] {
  return isPoison(record.value) ? [] : [readingOf(record)]
}

function readingOf({ value }: LogRecord): Reading {
  return JSON.parse(String(value)) as Reading
}

function foldedOf({ key, value }: LogRecord): Folded {
  return { item: String(key), ...(JSON.parse(String(value)) as Omit<Folded, 'item'>) }
}

/** A store that a crash alone made unusable is a defect. */
function wipes(app: Application): string[] {
  const said = app.started.flatMap((processor) => processor.said(/is deleted and restored/))
  return said.map((line) => `state was wiped: ${JSON.stringify(line['reason'] ?? line['err'])}`)
}
