import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { type CommitStep, commitSteps, memoryBackends } from '@millrace/runtime'
import { noFaults } from '@millrace/simulation'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { type TestWorker, type TestWorkerOptions, World } from './fixture.ts'
import { allCounts, countByWindow, feed, finalCounts, type Input } from './oracle.ts'

const windowMs = 10_000

const counting = topology((t) => {
  t.stream('in', { key: string, value: string, nullValues: 'drop' })
    .groupBy((value) => value, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '10s', grace: '1h' }))
    .count({ name: 'counts', everyUpdate: true })
    .to('out')
})

function inputOf(from: number, to: number): readonly Input[] {
  return Array.from({ length: to - from }, (_, n) => {
    const i = from + n
    return { partition: i % 2, key: `k${i % 8}`, timestampMs: i * 100 }
  })
}

/** Kills the worker before a step of its commit number `nth`. */
function crashing(
  it: World,
  step: CommitStep,
  nth: number,
  options: TestWorkerOptions,
): TestWorker {
  let reached = 0
  const doomed: TestWorker = it.start({
    ...options,
    onCrashPoint(at) {
      if (at !== step || ++reached !== nth) return
      void doomed.kill()
      throw new Error(`crash before ${step}`)
    },
  })
  return doomed
}

async function crashAndTakeOver(
  guarantee: 'at_least_once' | 'exactly_once',
  step: CommitStep,
  keepsDisk: boolean,
): Promise<World> {
  const it = new World(counting)
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic, { partitionCount: 2 })
  const backends = memoryBackends()
  const one = crashing(it, step, 3, { backends, guarantee })
  await it.untilRunning(one)
  for (let n = 0; n < 400; n += 50) {
    feed(it.cluster, 'in', inputOf(n, n + 50))
    await it.clock.advance(600)
  }
  expect(one.worker.state).toBe('failed')

  const two = it.start(keepsDisk ? { backends, guarantee } : { guarantee })
  await it.untilRunning(two)
  await it.untilConsumed('in', 2)
  await it.clock.advance(5_000)
  await it.stop(two)
  expect(two.worker.error).toBe(null)
  // A crash never costs the state: what a commit has not decided is not on the disk.
  expect(it.warnings.filter((message) => message.includes('deleted'))).toEqual([])
  return it
}

const expected = countByWindow(inputOf(0, 400), windowMs)

for (const keepsDisk of [true, false]) {
  for (const step of commitSteps) {
    const disk = keepsDisk ? 'its disk kept' : 'its disk lost'

    test(`at least once: killed before ${step}, ${disk}: results are repeated, none is missing`, async () => {
      const it = await crashAndTakeOver('at_least_once', step, keepsDisk)
      const finals = finalCounts(it.cluster, 'out')
      expect([...finals.keys()]).toEqual([...expected.keys()])
      // Records of the repartition topic may be there twice: more is possible, less is not.
      for (const [key, count] of expected) expect(finals.get(key)).toBeGreaterThanOrEqual(count)
    })

    test(`exactly once: killed before ${step}, ${disk}: every update is there once, in order`, async () => {
      const it = await crashAndTakeOver('exactly_once', step, keepsDisk)
      const updates = allCounts(it.cluster, 'out')
      expect([...updates.keys()].toSorted()).toEqual([...expected.keys()])
      for (const [key, count] of expected) {
        expect(updates.get(key)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
      }
    })
  }
}

test('no offset is committed before the results of its records are acknowledged', async () => {
  const it = new World(counting)
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic, { partitionCount: 2 })
  const one = it.start()
  await it.untilRunning(one)
  feed(it.cluster, 'in', inputOf(0, 100))
  await it.untilConsumed('in', 2)
  it.cluster.faults = {
    before: ({ api }) => (api === 'produce' ? { kind: 'disconnect' } : undefined),
  }
  feed(it.cluster, 'in', inputOf(100, 400))
  await it.clock.advance(10_000)
  expect(it.cluster.committedOffset('app', 'in', 0)).toBe(50)
  it.cluster.faults = noFaults
  await it.untilConsumed('in', 2)
  await it.stop(one)
})

test('at least once repeats results where exactly once does not: the crash is a real one', async () => {
  const it = await crashAndTakeOver('at_least_once', 'commit', true)
  const updates = [...allCounts(it.cluster, 'out').values()].reduce(
    (sum, each) => sum + each.length,
    0,
  )
  expect(updates).toBeGreaterThan(400)
})
