import { topology } from '@millrace/dsl'
import { createCluster } from '@millrace/kafka'
import { string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'
import { allCounts, countByWindow, feed, type Input } from './oracle.ts'
import { Gate } from './seeds/gate.ts'
import { ProcessClock } from './seeds/process-clock.ts'
import { throughGate } from './seeds/simulated-process.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: string, nullValues: 'drop' })
    .groupBy((value) => value, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '10s', grace: '1h' }))
    .count({ name: 'counts', everyUpdate: true })
    .to('out')
})

const inputOf = (from: number, to: number): readonly Input[] =>
  Array.from({ length: to - from }, (_, n) => ({
    partition: (from + n) % 2,
    key: `k${(from + n) % 8}`,
    timestampMs: (from + n) * 100,
  }))

test('a worker that stood still while what it was to read was deleted joins again', async () => {
  const it = new World(counting)
  for (const topic of ['in', 'out']) it.cluster.createTopic(topic, { partitionCount: 2 })
  const gate = new Gate()
  const clock = new ProcessClock(it.clock, gate, { offsetMs: 0 })
  const guarantee = 'exactly_once'
  const sleeper = it.start({
    guarantee,
    clock,
    // By its own watch it is still in the group when it wakes up; the group goes on after a minute.
    sessionTimeoutMs: 120_000,
    cluster: () => createCluster({ transport: throughGate(it.cluster.transport(), gate), clock }),
  })
  await it.untilRunning(sleeper)
  feed(it.cluster, 'in', inputOf(0, 100))
  await it.clock.advance(3_000)
  gate.hold()
  await it.clock.advance(2_000)
  const other = it.start({ guarantee })
  feed(it.cluster, 'in', inputOf(100, 300))
  await it.until(() => other.worker.tasks().length === 4)
  await it.untilConsumed('in', 2)
  await it.clock.advance(3_000)
  // As the other worker does every 30 s.
  for (const partition of [0, 1]) {
    const committed = it.cluster.committedOffset('app', 'app-by-word-repartition', partition)
    it.cluster.deleteRecords('app-by-word-repartition', partition, committed)
  }
  it.cluster.faults = {
    before: ({ api }) => (api === 'heartbeat' ? { kind: 'delay', delayMs: 3_000 } : undefined),
  }
  gate.release()
  await it.until(() => sleeper.worker.tasks().length === 2 || sleeper.worker.state === 'failed')
  expect(sleeper.worker.error).toBe(null)
  expect(it.warnings).toContain('tasks start again from the last commit')
  await it.stop(sleeper, other)
  const updates = allCounts(it.cluster, 'out')
  for (const [key, count] of countByWindow(inputOf(0, 300), 10_000)) {
    expect(updates.get(key)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
  }
})
