import { topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { memoryBackends, type RestoreProgress } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: json() }).groupByKey().count({ name: 'counts' }).to('out')
})

const dayMs = 24 * 3_600_000

function world(): World {
  const made = new World(counting)
  for (const topic of ['in', 'out']) made.cluster.createTopic(topic)
  return made
}

/** One record for each of the keys. */
function feed(it: World, keys: readonly string[]): void {
  for (const key of keys)
    it.cluster.append('in', 0, { key: Buffer.from(key), value: Buffer.from('1') })
}

/** Runs a worker until it has counted all that is there, and stops it. */
async function runOnce(it: World, backends = memoryBackends()) {
  const progress: RestoreProgress[] = []
  const one = it.start({ backends, onRestoreProgress: (told) => progress.push(told) })
  await it.untilRunning(one)
  await it.untilConsumed('in', 1)
  await it.clock.advance(1_500)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  return { ...one, progress }
}

const lastCounts = (it: World) =>
  new Map(it.cluster.readAll('out').map(({ key, value }) => [key?.toString(), value?.toString()]))

test('only what the disk lacks is restored, and the progress is told', async () => {
  const it = world()
  const mine = memoryBackends()
  feed(it, ['a', 'b', 'c'])
  await runOnce(it, mine)
  feed(it, ['a', 'b'])
  await runOnce(it)
  feed(it, ['a'])
  const back = await runOnce(it, mine)
  expect(back.progress).toEqual([
    { task: '0_0', store: 'counts', restoredRecords: 2, remainingRecords: 0 },
  ])
  expect(counted(back.counters, 'millrace_restore_remaining_records', { store: 'counts' })).toBe(0)
  expect(lastCounts(it)).toEqual(
    new Map([
      ['a', '3'],
      ['b', '2'],
      ['c', '1'],
    ]),
  )
})

test('a state older than the start of its changelog is refused: what lay between is lost', async () => {
  const it = world()
  const mine = memoryBackends()
  feed(it, ['a', 'b'])
  await runOnce(it, mine)
  feed(it, ['a', 'b'])
  await runOnce(it)
  it.cluster.deleteRecords('app-counts-changelog', 0, 3)
  feed(it, ['b'])
  const back = it.start({ backends: mine })
  await it.until(() => back.worker.state === 'failed')
  expect(back.worker.error).toMatchObject({ code: 'MILLRACE_RUNTIME_CHANGELOG_TRUNCATED' })
})

test('a state that was away longer than tombstones are kept is restored in full', async () => {
  const it = world()
  const mine = memoryBackends()
  feed(it, ['a', 'b'])
  await runOnce(it, mine)
  await it.clock.advance(2 * dayMs)
  feed(it, ['a'])
  await runOnce(it)
  await runOnce(it, mine)
  expect(it.warnings).toEqual(['the local state is deleted and restored in full'])
})

test('an empty changelog is restored at once', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  expect(it.clock.monotonicMs()).toBeLessThan(10_000)
  await it.stop(one)
})

test('a changelog whose tail was compacted away or ends in a marker is restored to its end', async () => {
  const it = world()
  for (let round = 0; round < 3; round++) feed(it, ['a', 'b'])
  const options = { guarantee: 'exactly_once' as const, commitIntervalMs: 100 }
  const one = it.start(options)
  await it.untilConsumed('in', 1)
  await it.clock.advance(500)
  await it.stop(one)
  it.cluster.compact('app-counts-changelog', { dropTombstones: true })
  const two = it.start(options)
  await it.untilRunning(two)
  feed(it, ['a'])
  await it.clock.advance(1_000)
  await it.stop(two)
  expect(lastCounts(it).get('a')).toBe('4')
})

test('tasks that are ready run while another still restores', async () => {
  const it = new World(
    topology((t) => {
      t.stream('in', { key: string, value: json() })
        .groupByKey()
        .count({ name: 'counts' })
        .to('out')
      t.stream('plain', { key: string, value: json() })
        .mapValues(() => 1)
        .to('out')
    }),
  )
  for (const topic of ['in', 'plain', 'out']) it.cluster.createTopic(topic)
  feed(it, ['a', 'b'])
  await runOnce(it)
  // The changelog does not answer.
  it.cluster.faults = {
    before: ({ api, request }) =>
      api === 'fetch' && request.partitions.some(({ topic }) => topic.endsWith('-changelog'))
        ? { kind: 'disconnect' }
        : undefined,
  }
  const two = it.start()
  it.cluster.append('plain', 0, { key: Buffer.from('p'), value: Buffer.from('1') })
  await it.until(() => it.cluster.committedOffset('app', 'plain', 0) === 1)
  expect(two.worker.state).toBe('restoring')
  expect(two.worker.openingTasks()).toEqual(['0_0'])
  await it.stop(two)
  expect(two.worker.state).toBe('stopped')
})
