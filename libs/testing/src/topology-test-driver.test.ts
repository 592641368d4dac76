import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topology } from '@millrace/dsl'
import { bytes, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { createTestDriver } from './topology-test-driver.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

const wordCount = topology((t) => {
  t.stream('lines', { value: string, nullValues: 'drop' })
    .flatMap((line) => line.split(' ').map((word) => ({ key: word, value: 1 })))
    .groupByKey({ repartition: 'by-word' })
    .count({ name: 'counts' })
    .to('counts')
})

const perMinute = topology((t) => {
  t.stream('in', { value: string })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '10s' }))
    .count({ name: 'per-minute', late: 'late' })
    .to('out')
})

test('a record is processed to its end, through the repartition, before the step is done', async () => {
  await using driver = await createTestDriver(wordCount)
  const lines = driver.input<string, string>('lines')
  const counts = driver.output<string, number>('counts')
  await lines.pipe(null, 'to be or not to be', { timestampMs: 1_000 })
  expect(counts.readAll().map(({ key, value }) => `${key} ${value}`)).toEqual([
    'to 1',
    'be 1',
    'or 1',
    'not 1',
    'to 2',
    'be 2',
  ])
  expect(await driver.store('counts').get('be')).toBe(2)
  expect(await driver.store('counts').get('bee')).toBe(null)

  await driver.crash()
  await driver.resume({ keepState: false })
  await lines.pipe(null, 'be', { timestampMs: 2_000 })
  expect(counts.readAll()).toEqual([
    { key: 'be', value: 3, timestampMs: 2_000, headers: [], partition: 0 },
  ])
})

test('results by window have windowed keys, late records say why, and both are counted', async () => {
  await using driver = await createTestDriver(perMinute)
  const input = driver.input<string, string>('in')
  await input.pipe('a', 'x', { timestampMs: 30_000 })
  await input.pipe('a', null, { timestampMs: 30_000 })
  await input.pipe(null, 'x', { timestampMs: 30_000 })
  await input.pipe('a', 'y', { timestampMs: 70_000 })
  const trace = ['trace', Buffer.from('t1')] as const
  await input.pipe('a', 'z', { timestampMs: 59_999, headers: [trace] })

  expect(driver.output('out').readAll()).toEqual([
    {
      key: { key: 'a', window: { startMs: 0, endMs: 60_000 } },
      value: 1,
      timestampMs: 30_000,
      headers: [],
      partition: 0,
    },
    {
      key: { key: 'a', window: { startMs: 60_000, endMs: 120_000 } },
      value: 1,
      timestampMs: 70_000,
      headers: [],
      partition: 0,
    },
  ])
  const [late] = driver.output('late').readAll()
  expect(late).toMatchObject({ key: 'a', value: 'z', timestampMs: 59_999 })
  expect(late?.headers[0]).toEqual(trace)
  expect(late?.headers.map(([name]) => name)).toContain('millrace.late.closed-at')
  expect(driver.late()).toEqual({ 'per-minute': 1 })
  expect(driver.dropped()).toEqual({ 'per-minute': { 'null-key': 1, 'null-value': 1 } })
  expect(await driver.store('per-minute').entries()).toEqual([
    { key: 'a', window: { startMs: 60_000, endMs: 120_000 }, value: 1, timestampMs: 70_000 },
  ])
})

test('a topic is read from where it was read last', async () => {
  await using driver = await createTestDriver(wordCount)
  const counts = driver.output('counts')
  const lines = driver.input('lines')
  await lines.pipe(null, 'a')
  expect(counts.readAll()).toHaveLength(1)
  expect(counts.readAll()).toEqual([])
  await lines.pipe(null, 'a')
  expect(counts.readAll()).toMatchObject([{ value: 2 }])
})

test('event time is the wall clock of the driver where none is said', async () => {
  await using driver = await createTestDriver(wordCount, { startAtMs: 5_000 })
  await driver.advanceWallClock('2s')
  expect(driver.nowMs()).toBe(7_000)
  await driver.input('lines').pipe(null, 'a')
  expect(driver.output('counts').readAll()).toMatchObject([{ timestampMs: 7_000 }])
})

test('event time may lie years beyond the wall clock', async () => {
  await using driver = await createTestDriver(wordCount, { startAtMs: 0 })
  const timestampMs = Date.UTC(2040, 0, 1)
  await driver.input('lines').pipe(null, 'a', { timestampMs })
  expect(driver.output('counts').readAll()).toMatchObject([{ timestampMs }])
})

test('without a commit after each record one result a row and commit goes out', async () => {
  await using driver = await createTestDriver(wordCount, { commitAfterEachRecord: false })
  const counts = driver.output<string, number>('counts')
  const lines = driver.input('lines')
  await lines.pipe(null, 'a b', { timestampMs: 1 })
  await lines.pipe(null, 'a', { timestampMs: 2 })
  expect(counts.readAll()).toEqual([])
  expect(await driver.store('counts').get('a')).toBe(null)
  await driver.commit()
  expect(counts.readAll().map(({ key, value }) => `${key} ${value}`)).toEqual(['a 2', 'b 1'])
  expect(await driver.store('counts').get('a')).toBe(2)
  await lines.pipe(null, 'a', { timestampMs: 3 })
  await driver.advanceWallClock('1s')
  expect(counts.readAll()).toMatchObject([{ key: 'a', value: 3 }])
})

test('names that the topology does not have are refused with those that it has', async () => {
  await using driver = await createTestDriver(perMinute)
  const unknown = code('MILLRACE_TESTING_TOPIC_UNKNOWN')
  expect(() => driver.input('inn')).toThrow(unknown)
  expect(() => driver.input('inn')).toThrow('does not read topic inn; there are in')
  expect(() => driver.input('out')).toThrow(unknown)
  expect(() => driver.output('outt')).toThrow('does not write topic outt; there are late, out')
  expect(() => driver.hold('in', 1)).toThrow('nothing reads in-1; there are in-0')
  expect(() => driver.store('minutes')).toThrow(code('MILLRACE_TESTING_STORE_UNKNOWN'))
  expect(() => driver.store('minutes')).toThrow('has no store minutes; there are: per-minute')
  await expect(createTestDriver(perMinute, { partitions: { inn: 2 } })).rejects.toThrow(unknown)
})

test('with both serdes any topic can be read, a changelog too', async () => {
  await using driver = await createTestDriver(perMinute, { applicationId: 'app' })
  await driver.input('in').pipe('a', 'x', { timestampMs: 1 })
  const raw = { key: bytes, value: bytes }
  expect(driver.output('app-per-minute-changelog', raw).readAll().length).toBeGreaterThan(0)
  expect(() => driver.output('app-per-minute-changelog')).toThrow(
    code('MILLRACE_TESTING_TOPIC_UNKNOWN'),
  )
  expect(() => driver.output('nowhere', raw)).toThrow(code('MILLRACE_TESTING_TOPIC_UNKNOWN'))
})

test('keys lie where producers of Kafka put them, and results beside them', async () => {
  const partitions = { in: 4, out: 4 }
  await using driver = await createTestDriver(perMinute, { partitions })
  const input = driver.input('in')
  for (const key of ['a', 'b', 'c', 'd', 'e']) await input.pipe(key, 'x', { timestampMs: 1 })
  const placed = driver.output<{ key: string }, number>('out').readAll()
  const byKey = placed.map(({ key, partition }) => `${key?.key}${partition}`).toSorted()
  // As the default partitioner of kafkajs and of Kafka's own clients places them.
  expect(byKey).toEqual(['a0', 'b0', 'c2', 'd1', 'e2'])
})

test('topics that meet in one store must have the same number of partitions', async () => {
  const merged = topology((t) => {
    t.stream('left', { value: string })
      .merge(t.stream('right', { value: string }))
      .groupByKey()
      .count({ name: 'counts' })
      .to('out')
  })
  await expect(createTestDriver(merged, { partitions: { left: 2 } })).rejects.toThrow(
    code('MILLRACE_TOPOLOGY_CO_PARTITION'),
  )
})

test('state can be kept in LevelDB, and outlives the crash there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-driver-'))
  try {
    await using driver = await createTestDriver(wordCount, { stateDirectory: directory })
    await driver.input('lines').pipe(null, 'a', { timestampMs: 1 })
    await driver.crash()
    await driver.resume()
    await driver.input('lines').pipe(null, 'a', { timestampMs: 2 })
    expect(driver.output('counts').readAll()).toMatchObject([{ value: 1 }, { value: 2 }])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
