import { topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, type TestWorker, World } from './fixture.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: json() })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '5s' }))
    .count({ name: 'counts' })
    .toStream()
    .to('out')
})

function world(): World {
  const made = new World(counting)
  for (const topic of ['in', 'out']) made.cluster.createTopic(topic, { partitionCount: 2 })
  return made
}

function feed(it: World, partition: number, timestampMs: number): void {
  const [key, value] = [Buffer.from(`k${partition}`), Buffer.from('1')]
  it.cluster.append('in', partition, { key, value, timestampMs })
}

const view = { view: 'counts', lane: 'live' }

function value(one: TestWorker, metric: string, labels: Record<string, string> = {}): number {
  return counted(one.counters, metric, labels)
}

test('windows: how many are open, since when the oldest is, how many have left', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  // in-0  [0---)[10--)[20--)   30
  // in-1        [10--)
  for (const seconds of [1, 11, 21]) feed(it, 0, seconds * 1_000)
  feed(it, 1, 12_000)
  await it.untilConsumed('in', 2)
  await it.clock.advance(2_000)
  expect(value(one, 'millrace_windows_open', view)).toBe(3)
  // Stream time 21 s closes what ends at 10 s, with 5 s of grace.
  expect(value(one, 'millrace_windows_finalized_total', view)).toBe(0)
  expect(value(one, 'millrace_window_oldest_open_timestamp_seconds', view)).toBe(10)
  feed(it, 0, 40_000)
  await it.untilConsumed('in', 2)
  await it.clock.advance(2_000)
  expect(value(one, 'millrace_windows_open', view)).toBe(2)
  expect(value(one, 'millrace_windows_finalized_total', view)).toBe(2)
  // That of the partition which lags.
  expect(value(one, 'millrace_window_oldest_open_timestamp_seconds', view)).toBe(10)
  const at = (partition: string) => ({ topic: 'in', partition, lane: 'live' })
  const stream = 'millrace_partition_stream_timestamp_seconds'
  expect([value(one, stream, at('0')), value(one, stream, at('1'))]).toEqual([40, 12])
  await it.stop(one)
})

test('partitions by phase, the tasks of the whole, and how long a rebalance takes', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  await it.clock.advance(2_000)
  const running = { phase: 'running' }
  expect(value(one, 'millrace_partition_phase', running)).toBe(2)
  expect(value(one, 'millrace_tasks_expected')).toBe(2)
  await it.clock.run(one.worker.pausePartitions([{ topic: 'in', partition: 1 }]))
  await it.clock.advance(2_000)
  expect(value(one, 'millrace_partition_phase', { phase: 'held' })).toBe(1)
  const two = it.start()
  await it.until(() => two.worker.tasks().length === 1)
  await it.clock.advance(2_000)
  const held = { phase: 'held' }
  const left = [running, held].map((phase) => value(one, 'millrace_partition_phase', phase))
  expect(left.reduce((sum, count) => sum + count)).toBe(1)
  expect(histogramCount(one, 'millrace_rebalance_duration_seconds')).toBeGreaterThan(0)
  await it.stop(one, two)
})

test('from event time to commit: the oldest and the newest result, and clocks that are wrong', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  const nowMs = it.clock.nowMs()
  feed(it, 0, nowMs - 30_000)
  feed(it, 1, nowMs + 600_000)
  await it.untilConsumed('in', 2)
  await it.clock.advance(2_000)
  expect(histogramCount(one, 'millrace_e2e_latency_seconds', { topic: 'out' })).toBe(2)
  expect(value(one, 'millrace_e2e_latency_negative_total', { topic: 'out' })).toBe(1)
  await it.stop(one)
})

test('a member that another one replaces is counted as fenced, and its transaction as aborted', async () => {
  const it = world()
  const one = it.start({ guarantee: 'exactly_once' })
  await it.untilRunning(one)
  const usurper = it.client().transactionalProducer({ transactionalId: 'app-process-0-0' })
  await it.clock.run(usurper.init())
  feed(it, 0, 1_000)
  await it.untilConsumed('in', 1)
  await it.stop(one)
  await it.clock.run(usurper.close())
  const reason = { reason: 'MILLRACE_KAFKA_FENCED' }
  expect(value(one, 'millrace_txn_aborted_total', reason)).toBe(1)
  expect(value(one, 'millrace_fenced_total', reason)).toBe(1)
})

test('a restore says what is left and about how long, and 0 when it is done', async () => {
  const it = world()
  const one = it.start()
  await it.untilRunning(one)
  for (let n = 0; n < 200; n++) feed(it, 0, n * 10)
  await it.untilConsumed('in', 1)
  await it.stop(one)
  const two = it.start()
  await it.untilRunning(two)
  const store = { store: 'counts' }
  expect(value(two, 'millrace_restore_records_total', store)).toBeGreaterThan(0)
  expect(value(two, 'millrace_restore_remaining_records', store)).toBe(0)
  expect(value(two, 'millrace_restore_eta_seconds', store)).toBe(0)
  await it.stop(two)
})

function histogramCount(
  { counters }: TestWorker,
  metric: string,
  labels: Record<string, string> = {},
): number {
  const found = counters
    .series()
    .find(
      (each) => each.metric === metric && JSON.stringify(each.labels) === JSON.stringify(labels),
    )
  if (found === undefined) return 0
  const buckets = metric === 'millrace_e2e_latency_seconds' ? 15 : 12
  const slots = new Float64Array(counters.buffer).subarray(found.slot, found.slot + buckets)
  return slots.reduce((sum, count) => sum + count, 0)
}
