import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, compareAtLeast, finalsOf, updatesOf } from './harness/batch.ts'
import { baseMs, spread } from './harness/input.ts'
import { runningTasks } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'
import { rekeyedFor } from './harness/topologies/rekeyed.ts'
import { startWorker, type TestWorker } from './harness/worker.ts'

const topics = { in: 4, out: 4, late: 1 }

describeWithKafka('a processor that is killed', (brokers) => {
  test('the other takes its tasks over, restores them from the changelog, and loses no window', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const env = { MILLRACE_SESSION_TIMEOUT: '6s' }
    const one = scene.processor('counting.ts', 'one', env)
    const two = scene.processor('counting.ts', 'two', env)
    await scene.until('both have two tasks', async () => {
      const tasks = await Promise.all([runningTasks(one), runningTasks(two)])
      return tasks.every((count) => count === 2)
    })
    await scene.feed('in', spread({ partitions: 4, from: 0, to: 400 }))
    await scene.consumed('in')

    // Killed with work under way: written, and hardly read yet.
    await scene.feed('in', spread({ partitions: 4, from: 400, to: 600 }))
    await one.end('SIGKILL')
    await scene.feed('in', spread({ partitions: 4, from: 600, to: 800 }))
    await scene.until('the other has all tasks', async () => (await runningTasks(two)) === 4)
    await scene.consumed('in')

    const store = { store: 'counts' }
    expect(await two.metric('millrace_restore_records_total', store)).toBeGreaterThan(0)
    expect(await two.metric('millrace_restore_remaining_records', store)).toBe(0)
    const restored = two.said('restored from the changelog').map(({ task }) => task)
    expect(restored).toHaveLength(2)
    expect((await two.end('SIGTERM')).code).toBe(0)

    const expected = batchCounts(asBatch(await scene.read('in')), window)
    const found = finalsOf(await scene.read('out'))
    const { differences, surplus } = compareAtLeast(expected.counts, found)
    process.stdout.write(`${expected.counts.size} windows, surplus of ${surplus} records\n`)
    expect(differences).toEqual([])
    expect((await scene.read('late')).flat().length).toBeGreaterThanOrEqual(expected.late)
  })

  test('at least once, records behind a repartition are counted again, and none is missing', async () => {
    await using scene = await Scene.open({ brokers, topics })
    await killOneOfTwo(scene, 'at_least_once')
    const found = finalsOf(await scene.read('out'))
    const { differences, surplus } = compareAtLeast(rekeyedCounts, found)
    process.stdout.write(`${rekeyedCounts.size} windows, surplus of ${surplus} records\n`)
    expect(differences).toEqual([])
    expect(surplus).toBeGreaterThan(0)
  })

  test('exactly once, every update is there once and in order', async () => {
    await using scene = await Scene.open({ brokers, topics })
    await killOneOfTwo(scene, 'exactly_once')
    const updates = updatesOf(await scene.read('out'))
    expect([...updates.keys()]).toEqual([...rekeyedCounts.keys()])
    for (const [id, count] of rekeyedCounts) {
      expect(updates.get(id)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
    }
  })
})

const graceMs = 3_600_000

const rekeyedInputs = Array.from({ length: 3_000 }, (_, n) => ({
  partition: n % 4,
  key: `w${n % 6}`,
  timestampMs: baseMs + n * 100,
}))

const rekeyedCounts = batchCounts([rekeyedInputs], { sizeMs: 60_000, graceMs }).counts

/**
 * Two workers share a re-keyed count; one is killed between the flush of its results and the commit
 * of their input.
 */
async function killOneOfTwo(
  scene: Scene,
  guarantee: 'at_least_once' | 'exactly_once',
): Promise<void> {
  const program = rekeyedFor(scene.name, { everyUpdate: true, graceMs })
  let isDoomed = false
  let isKilled = false
  const one = startWorker(scene, program, {
    guarantee,
    state: 'one',
    onCrashPoint(step) {
      if (!isDoomed || step !== 'commit' || !hasRead(one)) return
      isKilled = true
      void one.kill()
      throw new Error('killed')
    },
  })
  const two = startWorker(scene, program, { guarantee, state: 'two' })
  const tasksOf = ({ worker }: TestWorker) => worker.tasks().length
  await scene.until('both have four tasks', () => tasksOf(one) === 4 && tasksOf(two) === 4)
  await scene.feed('in', rekeyedInputs.slice(0, 1_000))
  await scene.consumed('in')

  isDoomed = true
  await scene.feed('in', rekeyedInputs.slice(1_000, 2_000))
  await scene.until('one is killed', () => isKilled)
  await scene.feed('in', rekeyedInputs.slice(2_000))
  await scene.until('the other has all tasks', () => tasksOf(two) === 8)
  await scene.consumed('in')
  await scene.until('every window is counted', async () => {
    const found = finalsOf(await scene.read('out'))
    return [...rekeyedCounts].every(([id, count]) => (found.get(id) ?? 0) >= count)
  })
  await two.worker.stop()
  expect(two.worker.error).toBe(null)
}

/** Whether a worker has read input that it has not committed. */
function hasRead({ worker }: TestWorker): boolean {
  const sources = worker.tasks().filter(({ name }) => name.startsWith('0_'))
  return sources.some(({ queues, committedOffsets }) =>
    queues.some(({ position }, index) => position > (committedOffsets[index]?.offset ?? 0)),
  )
}
