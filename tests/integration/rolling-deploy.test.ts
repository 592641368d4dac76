import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import type { Processor } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const partitions = 4
const topics = { in: partitions, out: partitions, late: 1 }
const changed = { STORE_VERSION: '2', MILLRACE_THREADS: '2' }
const rebuilding = { ...changed, MILLRACE_ON_PLAN_CHANGE: 'rebuild' }

describeWithKafka('a rolling deploy of a changed aggregate over two processors', (brokers) => {
  test('is refused with the two ways on while the others go on; the rebuild goes through', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const [one, two] = [
      scene.processor('counting.ts', 'one'),
      scene.processor('counting.ts', 'two'),
    ]
    await Promise.all([one.ready(), two.ready()])
    await scene.feed('in', spread({ partitions, from: 0, to: 200 }))
    await scene.consumed('in')

    // The first instance is replaced, on its own disk and on an empty one.
    expect((await one.end('SIGTERM')).code).toBe(0)
    for (const disk of ['one', 'empty']) {
      const refused = scene.processor('counting.ts', disk, changed)
      expect((await refused.ended()).code).toBe(1)
      expect(refused.text).toContain('MILLRACE_RUNTIME_PLAN_CHANGED')
      expect(refused.text).toContain('store counts: version from 1 to 2')
      expect(refused.text).toContain('Undo the change')
      expect(refused.text).toContain('MILLRACE_ON_PLAN_CHANGE=rebuild')
    }
    const early = scene.processor('counting.ts', 'one', rebuilding)
    expect((await early.ended()).code).toBe(1)
    expect(early.text).toContain('cannot be rebuilt while the group has members (1)')

    // The second goes on alone, with the state of both.
    await scene.feed('in', spread({ partitions, from: 200, to: 300 }))
    await scene.consumed('in')
    expect(await two.isReady()).toBe(true)
    expect(finalsOf(await scene.read('out'))).toEqual(await expected(scene))
    expect((await two.end('SIGTERM')).code).toBe(0)

    const before = await scene.read('out')
    const first = scene.processor('counting.ts', 'one', rebuilding)
    await first.ready()
    const second = scene.processor('counting.ts', 'two', rebuilding)
    await second.ready()
    await scene.feed('in', spread({ partitions, from: 300, to: 400 }))
    await scene.consumed('in')
    await ended(first, second)
    expect(second.said(/another process has rebuilt/).length).toBeGreaterThan(0)
    const after = (await scene.read('out')).map((records, partition) =>
      records.slice(before[partition]?.length),
    )
    expect(finalsOf(after)).toEqual(await expected(scene))
  })
})

/** Of everything that lies in the input. */
async function expected(scene: Scene): Promise<ReadonlyMap<string, number>> {
  return batchCounts(asBatch(await scene.read('in')), window).counts
}

async function ended(...processors: readonly Processor[]): Promise<void> {
  for (const processor of processors) expect((await processor.end('SIGTERM')).code).toBe(0)
}
