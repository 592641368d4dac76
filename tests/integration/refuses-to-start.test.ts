import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import type { Processor } from './harness/processor.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const topics = { in: 2, out: 2, late: 1 }

describeWithKafka('a processor refuses to start, and says what to do', (brokers) => {
  test('where a source topic is missing', async () => {
    await using scene = await Scene.open({ brokers, topics: { out: 1, late: 1 } })
    const one = scene.processor('counting.ts', 'one')
    await refused(one)
    expect(one.text).toContain(`MILLRACE_RUNTIME_TOPIC_MISSING: missing: ${scene.topic('in')}`)
    expect(one.text).toContain('Create the topic')
  })

  test('where topics whose keys meet have different partition counts', async () => {
    await using scene = await Scene.open({ brokers, topics: { left: 4, right: 3, out: 1 } })
    const one = scene.processor('merged.ts', 'one')
    await refused(one)
    expect(one.text).toContain('MILLRACE_TOPOLOGY_CO_PARTITION')
    expect(one.text).toMatch(new RegExp(`${scene.topic('left')}.*4`))
    expect(one.text).toMatch(new RegExp(`${scene.topic('right')}.*3`))
    expect(one.text).toContain('repartition()')
  })

  test('where another process has the state directory open, which goes on', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const one = scene.processor('counting.ts', 'shared')
    await one.ready()
    const two = scene.processor('counting.ts', 'shared')
    await refused(two)
    expect(two.text).toContain('MILLRACE_STORE_LOCKED')
    expect(two.text).toContain(scene.stateDirectory('shared'))
    expect(two.text).toContain('a MILLRACE_STATE_DIRECTORY of its own')

    await scene.feed('in', spread({ partitions: 2, from: 0, to: 100 }))
    await scene.consumed('in')
    expect(await one.isReady()).toBe(true)
    // The refused one never joined: it disturbed nobody.
    expect(await one.metric('millrace_rebalances_total')).toBe(1)
  })

  test('where the topology does not fit the state; told to rebuild, it does', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const before = scene.processor('counting.ts', 'state')
    await before.ready()
    await scene.feed('in', spread({ partitions: 2, from: 0, to: 200 }))
    await scene.consumed('in')
    expect((await before.end('SIGTERM')).code).toBe(0)
    const committed = await scene.committed('in')

    const changed = { STORE_VERSION: '2' }
    const other = scene.processor('counting.ts', 'state', changed)
    await refused(other)
    expect(other.text).toContain('MILLRACE_RUNTIME_PLAN_CHANGED')
    expect(other.text).toContain('store counts: version from 1 to 2')
    expect(other.text).toContain('MILLRACE_ON_PLAN_CHANGE=rebuild')
    expect(await scene.committed('in')).toEqual(committed)

    const resultsBefore = await scene.read('out')
    const rebuilt = scene.processor('counting.ts', 'state', {
      ...changed,
      MILLRACE_ON_PLAN_CHANGE: 'rebuild',
    })
    await rebuilt.ready()
    await scene.feed('in', spread({ partitions: 2, from: 200, to: 220 }))
    await scene.consumed('in')
    expect((await rebuilt.end('SIGTERM')).code).toBe(0)
    const results = (await scene.read('out')).map((records, partition) =>
      records.slice(resultsBefore[partition]?.length),
    )
    // Everything was computed anew, from the first record on.
    expect(finalsOf(results)).toEqual(batchCounts(asBatch(await scene.read('in')), window).counts)
  })
})

/** Ended by itself, with a failure, and without waiting for anything. */
async function refused(processor: Processor): Promise<void> {
  const { code, tookMs } = await processor.ended()
  expect(code).toBe(1)
  expect(tookMs).toBeLessThan(5_000)
}
