import { topology } from '@millrace/dsl'
import { headerText, string } from '@millrace/record'
import type { CommitStep } from '@millrace/runtime'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, type TestWorker, type TestWorkerOptions, World } from './fixture.ts'

const minuteMs = 60_000
const windows = tumbling({ size: '1m' })
const source = { key: string, value: string, nullValues: 'drop', heartbeats: true } as const

/** A final count a minute, on the partition itself. */
const own = topology((t) => {
  t.stream('in', { ...source, idle: { after: '30s', delay: '5s' } })
    .groupByKey()
    .windowedBy(windows)
    .count({ name: 'counts', emit: 'final', late: 'late' })
    .to('out')
})

/** The same behind a repartition: three of the upstream tasks have nothing. */
const behind = topology((t) => {
  t.stream('in', { ...source, idle: { after: '30s', delay: '5s' } })
    .groupBy((value) => value, { repartition: 'by-value' })
    .windowedBy(windows)
    .count({ name: 'counts', emit: 'final', late: 'late' })
    .to('out')
})

const withoutIdle = topology((t) => {
  t.stream('in', source)
    .groupByKey()
    .windowedBy(windows)
    .count({ name: 'counts', emit: 'final', late: 'late' })
    .to('out')
})

function world(program = own, partitionCount = 1): World {
  const it = new World(program)
  for (const topic of ['in', 'out', 'late']) {
    it.cluster.createTopic(topic, { partitionCount })
    it.cluster.setTopicConfig(topic, 'message.timestamp.after.max.ms', '9223372036854775807')
  }
  return it
}

function put(it: World, key: string, timestampMs: number): void {
  it.cluster.append('in', 0, { key: Buffer.from(key), value: Buffer.from(key), timestampMs })
}

async function run(it: World, options: TestWorkerOptions = {}): Promise<TestWorker> {
  const one = it.start(options)
  await it.untilRunning(one)
  return one
}

const count = (it: World, topic: string): number => it.cluster.readAll(topic).length

test('the last window of a live stream closes while nothing comes', async () => {
  const it = world()
  const one = await run(it)
  put(it, 'a', it.clock.nowMs())
  await it.clock.advance(20_000)
  expect(count(it, 'out')).toBe(0)
  await it.clock.advance(3 * minuteMs)
  expect(count(it, 'out')).toBe(1)
  // Never above the clock less the delay.
  const [task] = one.worker.tasks()
  expect(task?.time.streamTimeMs).toBeLessThanOrEqual(it.clock.nowMs() - 5_000)
  // What comes back with the clock is in time; what is older than the closed window is late.
  put(it, 'c', it.clock.nowMs() - 3 * minuteMs)
  put(it, 'b', it.clock.nowMs())
  await it.untilConsumed('in', 1)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(count(it, 'late')).toBe(1)
  const [late] = it.cluster.readAll('late')
  expect(headerText(late?.headers ?? [], 'millrace.late.reason')).toBe('idle-advance')
  const labels = { outcome: 'side', reason: 'idle-advance', lane: 'live' }
  const operator = String(late && headerText(late.headers, 'millrace.late.operator'))
  expect(counted(one.counters, 'millrace_records_late_total', { operator, ...labels })).toBe(1)
  expect(one.counters.series().map(({ metric }) => metric)).toContain(
    'millrace_record_lateness_seconds',
  )
  const kinds = it.cluster
    .readAll('app-decisions')
    .map(({ value }) => (JSON.parse(String(value)) as { kind: string }).kind)
  expect(kinds.filter((kind) => kind === 'idle-advance').length).toBeGreaterThan(0)
})

test('a feed of old data that rests stays where it is', async () => {
  const it = world()
  const one = await run(it)
  put(it, 'a', it.clock.nowMs() - 10 * minuteMs)
  await it.clock.advance(30 * minuteMs)
  put(it, 'a', it.clock.nowMs() - 39 * minuteMs - 30_000)
  await it.untilConsumed('in', 1)
  await it.stop(one)
  expect(count(it, 'late')).toBe(0)
  expect(count(it, 'out')).toBe(0)
})

test('off by default: silence closes nothing', async () => {
  const it = world(withoutIdle)
  const one = await run(it)
  put(it, 'a', it.clock.nowMs())
  await it.clock.advance(30 * minuteMs)
  await it.stop(one)
  expect(count(it, 'out')).toBe(0)
})

test('a held partition is not silent', async () => {
  const it = world()
  const one = await run(it)
  put(it, 'a', it.clock.nowMs())
  await it.untilConsumed('in', 1)
  await it.clock.run(one.worker.pausePartitions([{ topic: 'in', partition: 0 }]))
  await it.clock.advance(10 * minuteMs)
  await it.stop(one)
  expect(count(it, 'out')).toBe(0)
})

test('behind a repartition the advance of the live upstream task closes the window', async () => {
  const it = world(behind, 4)
  const one = await run(it)
  put(it, 'a', it.clock.nowMs())
  await it.clock.advance(5 * minuteMs)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(count(it, 'out')).toBe(1)
})

test('a heartbeat moves time and is seen by nobody', async () => {
  const it = world(withoutIdle)
  const one = await run(it)
  const startMs = it.clock.nowMs()
  put(it, 'a', startMs)
  const headers = [['millrace.heartbeat', null]] as const
  it.cluster.append('in', 0, {
    key: null,
    value: null,
    timestampMs: startMs + 2 * minuteMs,
    headers,
  })
  put(it, 'late', startMs)
  await it.untilConsumed('in', 1)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(count(it, 'out')).toBe(1)
  expect(count(it, 'late')).toBe(1)
  expect(it.warnings).toEqual([])
})

const guarantees = ['exactly_once', 'at_least_once'] as const
const steps: readonly CommitStep[] = ['seal', 'flush', 'offsets', 'commit', 'apply', 'publish']

test.each(guarantees.flatMap((guarantee) => steps.map((step) => ({ guarantee, step }))))(
  'a crash before $step of the commit of an advance ($guarantee) changes no late decision that was seen',
  async ({ guarantee, step }) => {
    const it = world()
    const startMs = it.clock.nowMs()
    let isArmed = false
    let hasCrashed = false
    const one = await run(it, {
      guarantee,
      onCrashPoint(at) {
        const [task] = one.worker.tasks()
        const isAdvanced = (task?.time.streamTimeMs ?? -1) > startMs
        if (!isArmed || hasCrashed || at !== step || !isAdvanced) return
        hasCrashed = true
        void one.kill()
        throw new Error('crash')
      },
    })
    put(it, 'a', startMs)
    await it.untilConsumed('in', 1)
    isArmed = true
    await it.until(() => hasCrashed)
    const two = await run(it, { guarantee })
    await it.clock.advance(4 * minuteMs)
    put(it, 'late', startMs)
    await it.untilConsumed('in', 1)
    await it.stop(two)
    expect(two.worker.error).toBe(null)
    expect(count(it, 'late')).toBe(1)
    expect(count(it, 'out')).toBe(1)
  },
)
