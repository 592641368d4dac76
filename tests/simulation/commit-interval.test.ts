import { topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: json() })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '0s' }))
    .count({ name: 'counts', emit: 'final' })
    .to('out')
})

const records = 120
const everyMs = 250

interface Outcome {
  readonly results: readonly string[]
  readonly committed: number
  readonly commits: number
}

/** A record every quarter of a second, for half a minute. */
async function run(commitIntervalMs: number): Promise<Outcome> {
  const it = new World(counting)
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic, { partitionCount: 1 })
  const one = it.start({ commitIntervalMs, guarantee: 'exactly_once' })
  await it.untilRunning(one)
  const committed = { result: 'committed' }
  // The position to begin at is committed, too.
  await it.clock.advance(6_000)
  const before = counted(one.counters, 'millrace_commits_total', committed)
  for (let n = 0; n < records; n++) {
    const [key, value] = [Buffer.from(`k${n % 3}`), Buffer.from('1')]
    it.cluster.append('in', 0, { key, value, timestampMs: n * 1_000 })
    await it.clock.advance(everyMs)
  }
  const commits = counted(one.counters, 'millrace_commits_total', committed) - before
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  return {
    results: it.cluster
      .readAll('out')
      .map(({ key, value }) => `${key?.toString('hex')}=${String(value)}`),
    committed: it.cluster.committedOffset('app', 'in', 0),
    commits,
  }
}

test('how often is committed changes nothing of what is committed', async () => {
  const [often, seldom] = [await run(0), await run(5_000)]
  expect(often.results).toEqual(seldom.results)
  // k0, k1 and k2 in each window that has closed: 120 s of event time in windows of 10 s.
  expect(often.results).toHaveLength(33)
  expect([often.committed, seldom.committed]).toEqual([records, records])
})

test('the interval is kept: so many commits in so much time, and one a record at 0', async () => {
  const seconds = (records * everyMs) / 1_000
  for (const intervalMs of [1_000, 5_000]) {
    const { commits } = await run(intervalMs)
    const most = (seconds * 1_000) / intervalMs
    // A commit waits for the record after its interval, and then counts anew from its end.
    expect(commits).toBeLessThanOrEqual(most + 1)
    expect(commits).toBeGreaterThanOrEqual(most / 1.5)
  }
  expect((await run(0)).commits).toBe(records)
})
