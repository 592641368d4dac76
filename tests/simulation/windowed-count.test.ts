import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: string })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '0s' }))
    .count({ name: 'counts' })
    .to('out')
})

test('a windowed count over four partitions counts every record once', async () => {
  const world = new World(counting)
  world.cluster.createTopic('in', { partitionCount: 4 })
  world.cluster.createTopic('out', { partitionCount: 4 })
  for (let i = 0; i < 400; i++) {
    const key = `k${i % 8}`
    world.cluster.append('in', i % 4, {
      key: Buffer.from(key),
      value: Buffer.from('v'),
      timestampMs: i * 100,
    })
  }
  const one = world.start()
  await world.untilRunning(one)
  await world.untilConsumed('in', 4)
  await world.stop(one)
  expect(one.worker.error).toBe(null)
  expect(one.worker.state).toBe('stopped')
  const records = world.cluster.readAll('out')
  const total = new Map(
    records.map((r) => [r.key?.toString('latin1'), JSON.parse(r.value?.toString() ?? '0')]),
  )
  expect([...total.values()].reduce((a, b) => a + b, 0)).toBe(400)
})
