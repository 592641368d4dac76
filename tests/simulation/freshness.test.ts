import { topology } from '@millrace/dsl'
import { MillraceError } from '@millrace/errors'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, type TestWorker, World } from './fixture.ts'

const counting = topology((t) => {
  t.stream('in', { key: string, value: json() })
    .groupByKey()
    .windowedBy(tumbling({ size: '10s', grace: '5s' }))
    .count({ name: 'counts', freshness: { target: '30s', objective: 0.99 } })
    .to('out')
})

const view = { view: 'counts', lane: 'live' }

class Scene {
  readonly world: World
  readonly #topics: readonly string[]

  constructor(of = counting, topics: readonly string[] = ['in', 'out']) {
    this.world = new World(of)
    this.#topics = topics
    for (const topic of this.#topics) this.world.cluster.createTopic(topic, { partitionCount: 2 })
  }

  feed(partition: number, timestampMs: number): void {
    const [key, value] = [Buffer.from(`k${partition}`), Buffer.from('1')]
    this.world.cluster.append('in', partition, { key, value, timestampMs })
  }

  /** A record in every partition each second, as old as `ageMs`. */
  async flow(forSeconds: number, ageMs = 0, partitions = [0, 1]): Promise<void> {
    for (let second = 0; second < forSeconds; second++) {
      for (const partition of partitions) this.feed(partition, this.nowMs - ageMs)
      await this.world.clock.advance(1_000)
    }
  }

  get nowMs(): number {
    return this.world.clock.nowMs()
  }

  /** Own delay in seconds, as the scrape would show it now. */
  local(one: TestWorker): number {
    return this.nowMs / 1000 - counted(one.counters, 'millrace_freshness_local_seconds', view)
  }

  inherited(one: TestWorker): number {
    return counted(one.counters, 'millrace_freshness_inherited_seconds', view)
  }
}

test('with input that flows a view is fresh, and what it promises is told', async () => {
  const it = new Scene()
  const one = it.world.start()
  await it.world.untilRunning(one)
  await it.flow(20)
  expect(it.local(one)).toBeLessThan(4)
  expect(it.inherited(one)).toBeLessThan(4)
  const promised = (metric: string) => counted(one.counters, metric, { view: 'counts' })
  expect(promised('millrace_freshness_target_seconds')).toBe(30)
  expect(promised('millrace_freshness_objective_ratio')).toBe(0.99)
  await it.world.stop(one)
})

test('producers that are late, and a silent source, are no delay of the view', async () => {
  const it = new Scene()
  const one = it.world.start()
  await it.world.untilRunning(one)
  await it.world.clock.advance(100_000)
  await it.flow(20, 60_000)
  expect(it.local(one)).toBeLessThan(4)
  expect(it.inherited(one)).toBeGreaterThan(55)
  await it.world.clock.advance(3_600_000)
  expect(it.local(one)).toBeLessThan(4)
  expect(it.inherited(one)).toBeGreaterThan(3_600)
  await it.world.stop(one)
})

test('input that waits is a delay of the view, until it is committed', async () => {
  const it = new Scene()
  const one = it.world.start()
  await it.world.untilRunning(one)
  await it.flow(10)
  // One of two partitions is held: the other one's records do not hide it.
  const held = [{ topic: 'in', partition: 1 }]
  await it.world.clock.run(one.worker.pausePartitions(held))
  await it.flow(120)
  expect(it.local(one)).toBeGreaterThan(115)
  expect(it.local(one)).toBeLessThan(125)
  await it.world.clock.run(one.worker.resumePartitions(held))
  await it.flow(10)
  expect(it.local(one)).toBeLessThan(4)
  await it.world.stop(one)
})

test('a task upstream of a repartition that waits makes the view behind it late', async () => {
  const rekeyed = topology((t) => {
    t.stream('in', { key: string, value: json() })
      .groupBy(() => 'one', { repartition: 'by-one' })
      .count({ name: 'counts' })
      .to('out')
  })
  const it = new Scene(rekeyed)
  const one = it.world.start()
  await it.world.untilRunning(one)
  await it.flow(10)
  expect(it.local(one)).toBeLessThan(4)
  await it.world.clock.run(one.worker.pausePartitions([{ topic: 'in', partition: 1 }]))
  await it.flow(60)
  expect(it.local(one)).toBeGreaterThan(55)
  await it.world.stop(one)
})

test('windows that one idle partition holds open are told, with the partition', async () => {
  const it = new Scene()
  const one = it.world.start()
  await it.world.untilRunning(one)
  // in-0  [0---)[10--)[20--) … 60 s
  // in-1        [10--)           and silence: its window is due at 25 s of in-0's time
  it.feed(1, 12_000)
  for (const seconds of [12, 20, 24]) it.feed(0, seconds * 1_000)
  await it.world.clock.advance(5_000)
  const labels = { ...view, reason: 'idle', by: 'in-1' }
  const held = () => counted(one.counters, 'millrace_windows_held', labels)
  expect(held()).toBe(0)
  it.feed(0, 60_000)
  await it.world.clock.advance(5_000)
  expect(held()).toBe(1)
  const closeAt = counted(one.counters, 'millrace_window_close_lag_seconds', view)
  expect(closeAt).toBe(25)
  it.feed(1, 61_000)
  await it.world.clock.advance(5_000)
  expect(held()).toBe(0)
  await it.world.stop(one)
})

test('a task that starts again and again does not look fresh', async () => {
  const it = new Scene()
  let isBroken = false
  const one = it.world.start({
    onCrashPoint: (step) => {
      if (isBroken && step === 'commit') throw passing()
    },
  })
  await it.world.untilRunning(one)
  await it.flow(10)
  isBroken = true
  await it.flow(60)
  expect(it.local(one)).toBeGreaterThan(55)
  isBroken = false
  await it.flow(30)
  expect(it.local(one)).toBeLessThan(4)
  await it.world.stop(one)
})

function passing(): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', { message: 'nobody answers' })
}
