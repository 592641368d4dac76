import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { baseMs, spread } from './harness/input.ts'
import { runningTasks } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

describeWithKafka('a processor of two threads', (brokers) => {
  test('shares the tasks among them, adds up what they count, and answers while one is stuck', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 4, out: 4, late: 1 } })
    const one = scene.processor('counting.ts', 'one', {
      MILLRACE_THREADS: '2',
      MILLRACE_SESSION_TIMEOUT: '45s',
      BLOCK_MS: '12000',
    })
    await scene.until('all tasks run', async () => (await runningTasks(one)) === 4)
    await one.ready()
    await scene.feed('in', spread({ partitions: 4, from: 0, to: 400 }))
    await scene.consumed('in')
    const consumed = { topic: scene.topic('in'), lane: 'live' }
    await scene.until('all is counted', async () => {
      return (await one.metric('millrace_records_consumed_total', consumed)) === 1_600
    })
    expect(await one.metric('millrace_conservation_mismatches_total')).toBe(0)
    const tasksOf = (thread: number) =>
      one.said('task running').filter((line) => line['thread'] === thread).length
    expect(tasksOf(0)).toBeGreaterThanOrEqual(2)
    expect(tasksOf(1)).toBeGreaterThanOrEqual(2)

    await scene.feed('in', [
      { partition: 0, key: 'p0k0', value: 'block', timestampMs: baseMs + 100_000 },
    ])
    await scene.until('the stuck thread is noticed', async () => !(await one.isReady()), 10_000)
    const { status, body } = await one.get('/metrics')
    expect([status, body.includes('millrace_tasks{state="running"} 4')]).toEqual([200, true])
    expect((await one.get('/healthz')).status).toBe(200)
    expect((await scene.committed('in'))[0]).toBe(400)

    await one.ready()
    await scene.consumed('in')
    const expected = batchCounts(asBatch(await scene.read('in')), window)
    expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
  })
})
