import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { batchCounts, finalsOf } from './harness/batch.ts'
import { baseMs, type Input } from './harness/input.ts'
import { Scene } from './harness/scene.ts'
import { rekeyedFor, window } from './harness/topologies/rekeyed.ts'
import { startWorker, type TestWorker } from './harness/worker.ts'

const minuteMs = 60_000
const topics = { in: 4, out: 4, late: 1 }

/** Each partition in order of time: four records a minute, words that all partitions share. */
function inputOf(partitions: readonly number[], minutes: number): Input[] {
  return Array.from({ length: minutes * 4 }, (_, quarter) =>
    partitions.map((partition) => ({
      partition,
      key: `w${quarter % 5}`,
      timestampMs: baseMs + quarter * 15_000,
    })),
  ).flat()
}

/** Stream times of the tasks behind the repartition. */
function downstreamTimes({ worker }: TestWorker): readonly number[] {
  const tasks = worker.tasks().filter(({ name }) => name.startsWith('1_'))
  return tasks.map(({ time }) => time.streamTimeMs)
}

async function running(scene: Scene, one: TestWorker): Promise<void> {
  await scene.until('all tasks run', () => one.worker.tasks().length === 8 && one.worker.isReady)
}

describeWithKafka('time across a repartition', (brokers) => {
  test('the reader of one partition held back for an hour of event time changes no result', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const one = startWorker(scene, rekeyedFor(scene.name), { state: 'one' })
    await running(scene, one)
    const held = [{ topic: scene.topic('in'), partition: 3 }]
    await one.worker.pausePartitions(held)
    const inputs = inputOf([0, 1, 2, 3], 75)
    await scene.feed('in', inputs)
    await scene.until('the others are an hour ahead', async () => {
      const [first, second, third] = await scene.committed('in')
      return first === 300 && second === 300 && third === 300
    })
    expect((await scene.committed('in'))[3]).toBe(0)
    // Nothing may close before the fourth has said what it has.
    expect(downstreamTimes(one)).toEqual([-1, -1, -1, -1])

    await one.worker.resumePartitions(held)
    await scene.consumed('in')
    const { counts } = batchCounts([inputs], { ...window, graceMs: minuteMs })
    await scene.until('all is counted', async () => {
      const total = [...finalsOf(await scene.read('out')).values()].reduce((a, b) => a + b, 0)
      return total >= inputs.length
    })
    await one.worker.stop()

    expect(one.worker.error).toBe(null)
    expect(finalsOf(await scene.read('out'))).toEqual(counts)
    expect((await scene.read('late')).flat()).toEqual([])
  })

  test('an empty partition does not keep windows from closing', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const options = { state: 'one', idleOutAfterMs: 1_500 }
    const one = startWorker(scene, rekeyedFor(scene.name), options)
    await running(scene, one)
    const inputs = inputOf([0, 1, 2], 10)
    await scene.feed('in', inputs)
    const lastMs = baseMs + 39 * 15_000
    await scene.until('time goes on without it', () =>
      downstreamTimes(one).every((timeMs) => timeMs === lastMs),
    )

    // Of the first minute, which is closed by now: late, though its partition never said so.
    await scene.feed('in', [{ partition: 3, key: 'w1', timestampMs: baseMs + 1_000 }])
    await scene.until(
      'the record is late',
      async () => (await scene.read('late')).flat().length > 0,
    )
    await one.worker.stop()
    expect(one.worker.error).toBe(null)
    const late = (await scene.read('late')).flat()
    expect(late.map(({ key }) => key?.toString())).toEqual(['w1'])
    expect(finalsOf(await scene.read('out'))).toEqual(batchCounts([inputs], window).counts)
  })
})
