import { topology } from '@millrace/dsl'
import { MillraceError } from '@millrace/errors'
import { json, string } from '@millrace/record'
import type { CommitStep } from '@millrace/runtime'
import { noFaults, seededRandom } from '@millrace/simulation'
import { expect, test } from 'vitest'
import { type TestWorker, World } from './fixture.ts'
import { Disk } from './seeds/disk.ts'
import { Gate } from './seeds/gate.ts'

const program = topology((t) => {
  t.stream('in', { key: string, value: json() }).groupByKey().count({ name: 'counts' }).to('out')
  t.stream('plain', { key: string, value: json() })
    .mapValues(() => 1)
    .to('out')
})

function world(): World {
  const made = new World(program)
  for (const topic of ['in', 'plain', 'out']) made.cluster.createTopic(topic)
  return made
}

const append = (it: World, topic: string) =>
  it.cluster.append(topic, 0, { key: Buffer.from('a'), value: Buffer.from('1') })

test('a state that was opened while a commit failed is not opened a second time', async () => {
  const it = world()
  append(it, 'in')
  const before = it.start()
  await it.untilConsumed('in', 1)
  await it.stop(before)

  // The counting task restores for 300 ms. Meanwhile the other one commits, which takes 900 ms and fails.
  it.cluster.faults = {
    before({ api, request }) {
      if (api === 'produce') return { kind: 'delay', delayMs: 900 }
      const isRestore =
        api === 'fetch' && request.partitions.some(({ topic }) => topic.endsWith('-changelog'))
      return isRestore ? { kind: 'delay', delayMs: 300 } : undefined
    },
  }
  let left = 1
  const disk = new Disk(it.clock, seededRandom(1))
  const worker: TestWorker = it.start({
    // As LevelDB it refuses to be opened twice.
    backends: disk.mount(new Gate()),
    commitIntervalMs: 100,
    onCrashPoint(step: CommitStep) {
      if (step !== 'offsets' || left-- <= 0) return
      throw new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'the commit fails' })
    },
  })
  append(it, 'plain')
  await it.until(() => left < 0 || worker.worker.state === 'failed')
  it.cluster.faults = noFaults
  await it.until(() => worker.worker.state === 'failed' || worker.worker.tasks().length === 2)
  expect(worker.worker.error).toBe(null)
  expect(it.warnings).toContain('tasks start again from the last commit')
  await it.stop(worker)
})

test('a stop whose last commit is refused is a stop, and no failure', async () => {
  const it = world()
  const worker = it.start({ guarantee: 'exactly_once', commitIntervalMs: 60_000 })
  await it.untilRunning(worker)
  append(it, 'in')
  await it.clock.advance(1_000)
  // As a coordinator that has given the partitions to others.
  it.cluster.faults = {
    before: ({ api }) =>
      api === 'txnOffsetCommit' ? { kind: 'error', errorCode: unknownMember } : undefined,
  }
  await it.stop(worker)
  expect([worker.worker.state, worker.worker.error]).toEqual(['stopped', null])
  expect(it.warnings).toContain('the last commit was refused; it is done again elsewhere')
  expect(it.cluster.readAll('out')).toEqual([])
})

test('where a commit takes longer than the interval, there is work between two commits', async () => {
  const it = world()
  it.cluster.faults = {
    before: ({ api }) => (api === 'produce' ? { kind: 'delay', delayMs: 1_000 } : undefined),
  }
  // Virtual time stands still between two slices.
  const worker = it.start({ commitIntervalMs: 200, yieldToEventLoop: async () => {} })
  await it.untilRunning(worker)
  // One answer a record: they come in faster than commits.
  for (let n = 0; n < 100; n++) {
    append(it, 'in')
    await it.clock.advance(100)
  }
  await it.clock.advance(5_000)
  expect(it.cluster.committedOffset('app', 'in', 0)).toBe(100)
  await it.stop(worker)
})

const unknownMember = 25
