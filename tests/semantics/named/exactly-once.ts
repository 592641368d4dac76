import { isDeepStrictEqual } from 'node:util'
import { memoryBackends } from '@millrace/runtime'
import { json, topology } from 'millrace'
import { counted, World } from '../../simulation/fixture.ts'
import { copying, FailureRun, outputDifference, summing } from './failures.ts'
import type { NamedCase } from './named-case.ts'

/** X01 to X05: workers that end in the middle, on the simulated cluster. */
export function exactlyOnce(it: NamedCase): Promise<string | null> {
  switch (it.id) {
    case 'X02':
      return equalToCleanRun(it)
    case 'X04':
      return cleanShutdown(it)
    case 'X05':
      return uncleanShutdown(it)
    default:
      return copied(it)
  }
}

async function copied(it: NamedCase): Promise<string | null> {
  const run = await FailureRun.start(copying)
  for (const [after, step] of it.input.entries()) {
    await run.perform(step)
    for (const expected of it.expected.filter((one) => one.after === after)) {
      const difference = await outputDifference(run, expected)
      if (difference !== null) return `step ${after}: ${difference}`
    }
  }
  await run.close()
  return null
}

async function equalToCleanRun(it: NamedCase): Promise<string | null> {
  const outcome = async (steps: NamedCase['input']) => {
    const run = await FailureRun.start(summing)
    for (const step of steps) await run.perform(step)
    await run.settle()
    await run.close()
    const rows = run.it.cluster
      .readAll('app-sums-changelog')
      .map(({ key, value }) => [String(key), value?.toString('hex')] as const)
    // The workers write side by side: only within a key is there an order.
    const sums = Map.groupBy(run.committed(), ([key]) => key)
    return { sums, keys: [...new Map(rows).keys()].toSorted() }
  }
  const crashed = await outcome(it.input)
  const clean = await outcome(it.input.filter(({ op }) => op !== 'crashOneThread'))
  if (!isDeepStrictEqual(crashed.sums, clean.sums)) return 'other sums than without the crash'
  return isDeepStrictEqual(crashed.keys, clean.keys) ? null : 'other keys in the store'
}

/** What a clean stop leaves needs nothing restored: it stands at the end of the changelog. */
async function cleanShutdown(it: NamedCase): Promise<string | null> {
  const run = await FailureRun.start(summing)
  const { backends } = run
  for (const step of it.input) await run.perform(step)
  for (let partition = 0; partition < 2; partition++) {
    if (run.it.cluster.readAll('app-sums-changelog', partition).length === 0) return 'no changelog'
  }
  // Each disk holds one of the two tasks: it may get the same one again, or the other.
  const workers = backends.map((each) => run.it.start({ backends: each }))
  await run.it.untilRunning(...workers)
  const restored = workers.map(({ counters, worker }) => ({
    task: worker.tasks()[0],
    rows: counted(counters, 'millrace_restore_records_total', { store: 'sums' }),
  }))
  await run.it.stop(...workers)
  const rows = restored.reduce((sum, one) => sum + one.rows, 0)
  return rows === 0 ? null : `${rows} records were restored`
}

/** X05: the state stays, and of the changelog only what lies behind the last commit is read. */
async function uncleanShutdown(it: NamedCase): Promise<string | null> {
  let isThrowing = true
  const program = topology((t) => {
    t.stream('in', { value: json<string>() })
      .groupByKey()
      .aggregate({
        name: 'texts',
        everyUpdate: true,
        initial: () => '',
        add: (text, value: string) => text + value,
      })
      .toStream()
      .peek((_, key) => {
        if (isThrowing && key === 'k3') throw new Error('as the case wants it')
      })
      .to('out')
  })
  const world = new World(program)
  for (const topic of ['in', 'out']) world.cluster.createTopic(topic)
  const backends = memoryBackends()
  const worker = world.start({ backends, guarantee: 'exactly_once', commitIntervalMs: 100 })
  const records = it.input.filter(({ topic }) => topic !== undefined)
  for (const [nth, { key, value, ts }] of records.entries()) {
    world.cluster.append('in', 0, {
      key: Buffer.from(String(key)),
      value: Buffer.from(JSON.stringify(value)),
      timestampMs: ts,
    })
    if (nth === 1) await world.until(() => world.cluster.readAll('out').length === 2)
  }
  await world.until(() => worker.worker.state === 'failed')
  isThrowing = false
  const again = world.start({ backends, guarantee: 'exactly_once', commitIntervalMs: 100 })
  await world.until(() => world.cluster.readAll('out').length === 3)
  const restored = counted(again.counters, 'millrace_restore_records_total', { store: 'texts' })
  await world.stop(again)
  if (world.warnings.some((message) => message.includes('deleted'))) return 'the state was deleted'
  return restored === 0 ? null : `${restored} records were restored, none lies behind the commit`
}
