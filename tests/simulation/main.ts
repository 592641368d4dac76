// `npm run sim -- --seeds 1000`: the real workers on the simulated cluster, in virtual time, each
// seed another way for things to go wrong. `--seed 17` shows one, twice, and that both are the same.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { failureText } from './command/failure-text.ts'
import { type Job, runSeeds } from './command/seed-pool.ts'
import { canaries, sighting } from './seeds/canaries/index.ts'
import type { Guarantee } from './seeds/simulated-process.ts'
import { simulate } from './seeds/simulation.ts'

const usage = `npm run sim -- [--seeds <count, default 100>] [--from <seed, default 1>] [--seed <one>]
  [--guarantee exactly_once|at_least_once] [--threads <count>]
  Without a guarantee: every seed exactly once, every tenth at least once as well.`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    guarantee: { type: 'string' },
    threads: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const totals = { passed: 0, failed: 0 }
if (values.help) print(usage)
else {
  if (values.seed !== undefined) await show(whole(values.seed), guaranteeOf(values.guarantee)[0])
  else await runAll()
  print(`${totals.passed} passed, ${totals.failed} failed`)
  process.exitCode = totals.failed > 0 ? 1 : 0
}

async function runAll(): Promise<void> {
  const from = whole(values.from)
  const seeds = Array.from({ length: whole(values.seeds) }, (_, n) => from + n)
  const jobs = seeds.flatMap((seed) => jobsOf(seed))
  const startedAtMs = performance.now()
  const repeats = { runs: 0, seen: 0 }
  let done = 0
  await runSeeds(jobs, whole(values.threads ?? String(availableParallelism())), (outcome) => {
    done += 1
    count(failureText(outcome))
    if (outcome.guarantee === 'at_least_once') {
      repeats.runs += 1
      repeats.seen += outcome.repeated > 0 ? 1 : 0
    }
    if (done % 100 === 0 || done === jobs.length) {
      const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1)
      print(`${done} of ${jobs.length} runs, ${totals.failed} failed, ${seconds} s`)
    }
  })
  // Where a crash repeats nothing, it was none.
  if (repeats.runs > 0) print(`at least once: ${repeats.seen} of ${repeats.runs} runs repeated`)
  if (repeats.runs >= 20) count(repeats.seen > 0 ? null : 'at least once repeated nothing')
  await runCanaries()
}

/** Rules broken on purpose: each must be seen. */
async function runCanaries(): Promise<void> {
  for (const canary of canaries) {
    const seen = await sighting(canary)
    if (seen === null) count(`canary, ${canary.name}: NOT SEEN`)
    else {
      print(`canary, ${canary.name}: seed ${seen.seed}, ${seen.checker}: ${seen.difference}`)
      count(null)
    }
  }
}

/** One seed with its story, run twice: the same trace, or it could not be replayed. */
async function show(seed: number, guarantee: Guarantee): Promise<void> {
  const outcome = await simulate(seed, guarantee)
  const again = await simulate(seed, guarantee)
  for (const line of outcome.story) print(line)
  const { records, repeated, virtualMs } = outcome
  const seconds = (virtualMs / 1_000).toFixed(1)
  print(`${records} records, ${repeated} came out again, ${seconds} s of virtual time`)
  print(`trace ${outcome.trace}, replayed ${again.trace}`)
  const failure = failureText(outcome)
  count(outcome.trace === again.trace ? failure : `${failure ?? ''}\nit does not replay`)
}

function jobsOf(seed: number): readonly Job[] {
  if (values.guarantee !== undefined) {
    return guaranteeOf(values.guarantee).map((guarantee) => ({ seed, guarantee }))
  }
  const all: Job[] = [{ seed, guarantee: 'exactly_once' }]
  if (seed % 10 === 0) all.push({ seed, guarantee: 'at_least_once' })
  return all
}

function guaranteeOf(text: string | undefined): readonly [Guarantee] {
  if (text === undefined || text === 'exactly_once') return ['exactly_once']
  if (text === 'at_least_once') return ['at_least_once']
  return refuse(`--guarantee ${text}`)
}

function whole(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) refuse(`${text} is no whole number from 1 up`)
  return number
}

function count(failure: string | null): void {
  if (failure === null) totals.passed += 1
  else {
    totals.failed += 1
    print(failure)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function refuse(what: string): never {
  process.stderr.write(`${what}\n${usage}\n`)
  process.exit(2)
}
