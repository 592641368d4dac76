import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf, updatesOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

describeWithKafka('a processor whose state directory was deleted', (brokers) => {
  test('restores it, goes on with the right values, and repeats no result', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 4, out: 4, late: 1 } })
    const before = scene.processor('counting.ts', 'state')
    await before.ready()
    await scene.feed('in', spread({ partitions: 4, from: 0, to: 400 }))
    await scene.consumed('in')
    expect((await before.end('SIGTERM')).code).toBe(0)
    const resultsBefore = await scene.read('out')

    rmSync(scene.stateDirectory('state'), { recursive: true })
    const after = scene.processor('counting.ts', 'state')
    await after.ready()
    expect(await after.metric('millrace_restore_records_total')).toBeGreaterThan(0)
    const more = spread({ partitions: 4, from: 400, to: 480 })
    await scene.feed('in', more)
    await scene.consumed('in')
    expect((await after.end('SIGTERM')).code).toBe(0)

    const expected = batchCounts(asBatch(await scene.read('in')), window)
    const results = await scene.read('out')
    expect(finalsOf(results)).toEqual(expected.counts)
    // Late or not is decided as before: stream time came back with the state.
    expect((await scene.read('late')).flat()).toHaveLength(expected.late)

    const newResults = results.map((records, partition) =>
      records.slice(resultsBefore[partition]?.length),
    )
    const touched = new Set(
      more.map(({ key, timestampMs }) => `${key}@${timestampMs - (timestampMs % window.sizeMs)}`),
    )
    const untouched = [...updatesOf(newResults).keys()].filter((id) => !touched.has(id))
    expect(untouched).toEqual([])
  })
})
