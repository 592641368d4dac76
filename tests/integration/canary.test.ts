import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { spread } from './harness/input.ts'
import { Scene } from './harness/scene.ts'

const lastSuccess = 'millrace_canary_last_success_timestamp_seconds'

describeWithKafka('the canary', (brokers) => {
  test('goes through every worker, and stays away where one is stuck, while the metrics answer', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 4, out: 4 } })
    const env = { MILLRACE_CANARY_INTERVAL: '1s', MILLRACE_THREADS: '2', BLOCK_MS: '60000' }
    const one = scene.processor('blocking.ts', 'one', env)
    await one.ready()
    const successes = async () =>
      new Map(
        (await one.metrics())
          .filter(({ name }) => name === lastSuccess)
          .map(({ labels, value }) => [labels['partition'], value] as const),
      )
    const roundtrips = () => one.metric('millrace_canary_roundtrip_seconds_count')
    await scene.until('probes come back', async () => (await roundtrips()) >= 8)
    expect((await successes()).size).toBe(4)
    expect(await one.metric('millrace_records_consumed_total', { lane: 'canary' })).toBeGreaterThan(
      0,
    )
    expect(await one.metric('millrace_records_consumed_total', { lane: 'live' })).toBe(0)
    expect(await one.metric('millrace_partition_stream_timestamp_seconds', { lane: 'live' })).toBe(
      0,
    )

    // One of the two threads meets a record that it does not get over.
    await scene.feed('in', [{ partition: 0, key: 'k', value: 'wait', timestampMs: Date.now() }])
    await scene.until('a thread is blocked', async () => {
      return (await one.metric('millrace_thread_blocked_seconds')) > 2
    })
    const before = await successes()
    await scene.until('the others go on', async () => {
      const moved = [...(await successes())].filter(
        ([at, value]) => value > (before.get(at) ?? 0) + 2,
      )
      return moved.length === 2
    })
    const stuck = [...(await successes())].filter(([at, value]) => value === before.get(at))
    expect(stuck).toHaveLength(2)
  })

  test('may be switched on and off between two starts', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 4, out: 4, late: 1 } })
    const settings: Record<string, string>[] = [{}, { MILLRACE_CANARY_INTERVAL: '1s' }, {}]
    for (const env of settings) {
      const one = scene.processor('counting.ts', 'one', env)
      await one.ready()
      await scene.feed('in', spread({ partitions: 4, from: 0, to: 20 }))
      await scene.consumed('in')
      expect((await one.end('SIGTERM')).code).toBe(0)
    }
  })
})
