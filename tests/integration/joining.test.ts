import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, updatesOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { type Processor, runningTasks } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

describeWithKafka('processors that join one after the other', (brokers) => {
  test('take over only what they are to have; kept tasks go on, and nothing is done twice', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 4, out: 4, late: 1 } })
    const processors: Processor[] = []
    for (const [index, shares] of [[4], [2, 2], [2, 1, 1]].entries()) {
      processors.push(scene.processor('counting.ts', `state-${index}`, { EVERY_UPDATE: 'yes' }))
      await scene.feed('in', spread({ partitions: 4, from: index * 300, to: index * 300 + 300 }))
      await scene.until(`the tasks are shared ${shares.join(', ')}`, async () => {
        const counts = await Promise.all(processors.map(runningTasks))
        return counts.toSorted((a, b) => b - a).join() === shares.join()
      })
    }
    await scene.feed('in', spread({ partitions: 4, from: 900, to: 1_000 }))
    await scene.consumed('in')

    // Each task was opened once where it began and once for each move: none stopped to stay.
    const opened = processors.map((each) => each.said('task running').map(({ task }) => task))
    for (const tasks of opened) expect(new Set(tasks).size).toBe(tasks.length)
    expect(opened.map((tasks) => tasks.length)).toEqual([4, 2, 1])
    for (const each of processors) expect((await each.end('SIGTERM')).code).toBe(0)

    const expected = batchCounts(asBatch(await scene.read('in')), window)
    const updates = updatesOf(await scene.read('out'))
    expect([...updates.keys()]).toEqual([...expected.counts.keys()])
    for (const [id, count] of expected.counts) {
      expect(updates.get(id)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
    }
    expect((await scene.read('late')).flat()).toHaveLength(expected.late)
  })
})
