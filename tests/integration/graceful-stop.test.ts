import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf, updatesOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { runningTasks } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const topics = { in: 4, out: 4, late: 1 }

describeWithKafka('a processor that is asked to stop', (brokers) => {
  test('commits what it has processed, ends in time, and goes on from there', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const env = { EVERY_UPDATE: 'yes' }
    const before = scene.processor('counting.ts', 'state', { ...env, SLOW_MS: '2' })
    await before.ready()
    await scene.feed('in', spread({ partitions: 4, from: 0, to: 800 }))
    await scene.until('it has begun', async () =>
      (await scene.committed('in')).some((at) => at > 0),
    )
    const ending = await before.end('SIGTERM')
    expect(ending.code).toBe(0)
    expect(ending.tookMs).toBeLessThan(8_000)

    // What is committed is what the results say, record for record.
    const input = asBatch(await scene.read('in'))
    const committed = await scene.committed('in')
    expect(committed.reduce((sum, offset) => sum + offset, 0)).toBeLessThan(3_200)
    const processed = input.map((records, partition) => records.slice(0, committed[partition]))
    expect(finalsOf(await scene.read('out'))).toEqual(batchCounts(processed, window).counts)

    const after = scene.processor('counting.ts', 'state', env)
    await after.ready()
    await scene.consumed('in')
    // Its disk is as it left it: there is nothing to restore.
    expect(await after.metric('millrace_restore_records_total')).toBe(0)
    expect((await after.end('SIGTERM')).code).toBe(0)

    const expected = batchCounts(input, window)
    const updates = updatesOf(await scene.read('out'))
    expect([...updates.keys()]).toEqual([...expected.counts.keys()])
    for (const [id, count] of expected.counts) {
      expect(updates.get(id)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
    }
    expect((await scene.read('late')).flat()).toHaveLength(expected.late)
  })

  test('as a static member it restarts without disturbing the other', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const env = (id: string) => ({
      MILLRACE_GROUP_INSTANCE_ID: id,
      MILLRACE_SESSION_TIMEOUT: '30s',
    })
    const one = scene.processor('counting.ts', 'one', env('one'))
    const two = scene.processor('counting.ts', 'two', env('two'))
    await scene.until('both have two tasks', async () => {
      const tasks = await Promise.all([runningTasks(one), runningTasks(two)])
      return tasks.every((count) => count === 2)
    })
    await Promise.all([one.ready(), two.ready()])
    await scene.feed('in', spread({ partitions: 4, from: 0, to: 200 }))
    await scene.consumed('in')
    const assignments = await two.metric('millrace_rebalances_total')
    expect((await one.end('SIGTERM')).code).toBe(0)

    await scene.feed('in', spread({ partitions: 4, from: 200, to: 400 }))
    const again = scene.processor('counting.ts', 'one', env('one'))
    await scene.until('it has its tasks back', async () => (await runningTasks(again)) === 2)
    await scene.consumed('in')
    expect(await two.metric('millrace_rebalances_total')).toBe(assignments)
    expect(await runningTasks(two)).toBe(2)
    expect(await again.metric('millrace_restore_records_total')).toBe(0)

    const expected = batchCounts(asBatch(await scene.read('in')), window)
    expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
  })
})
