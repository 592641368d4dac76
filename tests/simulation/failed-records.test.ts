import { topology } from '@millrace/dsl'
import { headerText, json, string } from '@millrace/record'
import { encodeSkip, newSkipsTopic } from '@millrace/runtime'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, type TestWorker, World } from './fixture.ts'

interface Order {
  readonly amount: number
  readonly fails?: 'first' | 'after-sending' | 'at-commit' | 'downstream' | 'always'
}

/** What a function outside of the topology's state remembers: how often it saw a record. */
let attempts = 0
/** At this attempt the record that always fails goes through after all. */
let mendsAtAttempt = Number.POSITIVE_INFINITY

const sums = topology((t) => {
  const orders = t
    .stream('in', { key: string, value: json<Order>(), nullValues: 'drop', name: 'orders' })
    .peek(({ fails }) => {
      if (fails === 'always' && ++attempts < mendsAtAttempt) throw new Error('not yet')
      if (fails === 'first') throw new Error('first')
    })
  orders
    .mapValues(({ amount }) => 'x'.repeat(amount === 7 ? 600_000 : 1), { value: string })
    .to('copies')
  orders
    .peek(({ fails }) => {
      if (fails === 'after-sending') throw new Error('after sending')
    })
    .groupByKey()
    .aggregate({
      name: 'own',
      initial: () => ({ total: 0, isBad: false }),
      add: (own, { amount, fails }) => ({
        total: own.total + amount,
        isBad: own.isBad || fails === 'at-commit',
      }),
      result({ total, isBad }) {
        if (isBad) throw new Error('at the commit')
        return total
      },
    })
    .toStream()
    .to('own')
  orders
    .groupBy((_, key) => (key ?? '').slice(0, 1), { repartition: 'by-letter' })
    .aggregate({
      name: 'letters',
      initial: () => 0,
      add(total, { amount, fails }) {
        if (fails === 'downstream') throw new Error('downstream')
        return total + amount
      },
    })
    .toStream()
    .to('letters')
})

const partitionCount = 2

function world(): World {
  const made = new World(sums)
  for (const topic of ['in', 'copies', 'own', 'letters', 'dead'])
    made.cluster.createTopic(topic, { partitionCount })
  return made
}

function put(it: World, partition: number, order: Order, timestampMs = 1_000): void {
  const value = Buffer.from(JSON.stringify(order))
  it.cluster.append('in', partition, { key: Buffer.from(`k${partition}`), value, timestampMs })
}

/** The last value of each key. */
function last(it: World, topic: string): Record<string, number> {
  const all = it.cluster.readAll(topic)
  return Object.fromEntries(all.map(({ key, value }) => [String(key), Number(String(value))]))
}

function deadOffsets(it: World): readonly string[] {
  return it.cluster.readAll('dead').map(({ headers }) => {
    const text = (name: string) => headerText(headers, `__streams.errors.${name}`)
    return `${text('topic')}:${text('partition')}:${text('offset')}`
  })
}

const exactly = { guarantee: 'exactly_once' as const, commitIntervalMs: 2_000 }

test('exactly once: of records that fail among many nothing is left but one dead letter each', async () => {
  const it = world()
  const failing = ['first', 'after-sending', 'at-commit', 'downstream'] as const
  let total = 0
  for (let n = 0; n < 60; n++) {
    const fails = n % 15 === 4 ? failing[(n - 4) / 15] : undefined
    put(it, 0, fails === undefined ? { amount: n } : { amount: n, fails })
    if (fails === undefined || fails === 'downstream') total += n
  }
  const one = it.start({ ...exactly, deadLetterTopic: 'dead' })
  await it.untilConsumed('in', partitionCount)
  await it.untilConsumed('app-by-letter-repartition', partitionCount)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(last(it, 'own')).toEqual({ k0: total })
  // Behind the repartition too: what a transaction that was given up had sent was never seen.
  expect(last(it, 'letters')).toEqual({ k: total - 49 })
  expect(it.cluster.readAll('copies')).toHaveLength(57)
  const letters = deadOffsets(it)
  expect(letters.filter((letter) => letter.startsWith('in:'))).toEqual([
    'in:0:4',
    'in:0:19',
    'in:0:34',
  ])
  expect(letters).toHaveLength(4)
  const rollbacks = { reason: 'MILLRACE_RUNTIME_PROCESSING_FAILED', lane: 'live' }
  expect(counted(one.counters, 'millrace_record_rollbacks_total', rollbacks)).toBeGreaterThan(0)
  expect(mismatches(one)).toBe(0)
})

test('where every fourth record fails half-way, a commit comes all the same', async () => {
  const it = world()
  for (let n = 0; n < 200; n++)
    for (const partition of [0, 1])
      put(it, partition, n % 4 === 3 ? { amount: n, fails: 'after-sending' } : { amount: n })
  const one = it.start({ ...exactly, deadLetterTopic: 'dead' })
  await it.until(() => (it.cluster.committedOffset('app', 'in', 0) ?? 0) > 0)
  const rollbacks = { reason: 'MILLRACE_RUNTIME_PROCESSING_FAILED', lane: 'live' }
  // Eight for each task, and one more that may be under way.
  const found = counted(one.counters, 'millrace_record_rollbacks_total', rollbacks)
  expect(found).toBeLessThanOrEqual(8 * partitionCount + 1)
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  expect(deadOffsets(it)).toHaveLength(100)
  expect(it.cluster.readAll('copies')).toHaveLength(300)
})

test('at least once: of a record that fails half-way no result is sent, however large', async () => {
  const it = world()
  put(it, 0, { amount: 1 })
  const one = it.start({ deadLetterTopic: 'dead' })
  await it.untilConsumed('in', partitionCount)
  // Its first result fills a batch, which could go out while the rest of it is processed.
  put(it, 0, { amount: 7, fails: 'after-sending' })
  put(it, 0, { amount: 1 })
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  const copies = it.cluster.readAll('copies').map(({ value }) => value?.length)
  expect(copies).toEqual([1, 1])
  expect(deadOffsets(it)).toEqual(['in:0:1'])
})

const shared = topology((t) => {
  t.stream('in', { key: string, value: json<Order>(), nullValues: 'drop' })
    .peek(({ fails }) => {
      if (fails === 'first') throw new Error('first')
    })
    .groupBy((_, key) => key ?? '', { repartition: 'by-key' })
    .windowedBy(tumbling({ size: '10s', grace: '0s' }))
    .count({ name: 'counts', late: 'late' })
    .to('counts')
})

test('a record that fails moves no time, also not across a repartition', async () => {
  const it = new World(shared)
  for (const topic of ['in', 'counts', 'late', 'dead'])
    it.cluster.createTopic(topic, { partitionCount })
  const one = it.start({ deadLetterTopic: 'dead', commitIntervalMs: 100 })
  await it.untilRunning(one)
  for (const partition of [0, 1]) put(it, partition, { amount: 1, fails: 'first' }, 900_000)
  await it.untilConsumed('in', partitionCount)
  for (const partition of [0, 1]) put(it, partition, { amount: 1 }, 950_000)
  for (const partition of [0, 1]) put(it, partition, { amount: 1, fails: 'first' }, 3_000_000)
  for (const partition of [0, 1]) put(it, partition, { amount: 1 }, 955_000)
  await it.untilConsumed('in', partitionCount)
  await it.untilConsumed('app-by-key-repartition', partitionCount)
  await it.stop(one)
  expect(it.cluster.readAll('late')).toEqual([])
  expect(deadOffsets(it)).toHaveLength(4)
})

test('a record is tried again after a pause, in which everything else goes on, and then counts once', async () => {
  const it = world()
  attempts = 0
  mendsAtAttempt = 3
  const one = it.start({ ...exactly, processingRetries: 5, processingRetryBackoffMs: 20_000 })
  await it.untilRunning(one)
  put(it, 0, { amount: 2 })
  put(it, 0, { amount: 5, fails: 'always' })
  put(it, 0, { amount: 4 })
  await it.until(() => attempts === 1)
  for (let n = 0; n < 5; n++) {
    put(it, 1, { amount: 1 })
    await it.clock.advance(3_000)
  }
  // The other task has committed all of it; the task that waits what lies before the record.
  expect(attempts).toBe(1)
  expect(it.cluster.committedOffset('app', 'in', 1)).toBe(5)
  expect(it.cluster.committedOffset('app', 'in', 0)).toBe(1)
  const rebalances = counted(one.counters, 'millrace_rebalances_total', {})
  // An attempt that fails is no progress: the task is seen to stall.
  const processedAt = () => counted(one.counters, lastProcessed, { task: '0_0', lane: 'live' })
  const before = processedAt()
  await it.until(() => attempts === 2)
  await it.clock.advance(2_000)
  expect(processedAt()).toBe(before)
  // 20 s, then 40 s: longer than the session, which goes on.
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  expect(attempts).toBe(3)
  expect(counted(one.counters, 'millrace_rebalances_total', {})).toBe(rebalances)
  expect(last(it, 'own')).toEqual({ k0: 11, k1: 5 })
  const reason = { reason: 'MILLRACE_RUNTIME_PROCESSING_FAILED', lane: 'live' }
  expect(counted(one.counters, 'millrace_record_retries_total', reason)).toBe(2)
  expect(mismatches(one)).toBe(0)
})

const lastProcessed = 'millrace_task_last_record_processed_timestamp_seconds'
const retried = { processingRetries: 2, processingRetryBackoffMs: 100 }

test('after the last retry the policy decides: stop', async () => {
  const it = world()
  attempts = 0
  mendsAtAttempt = Number.POSITIVE_INFINITY
  put(it, 0, { amount: 2, fails: 'always' })
  const one = it.start(retried)
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toContain('at in[0]@0')
  expect(it.cluster.committedOffset('app', 'in', 0)).toBeLessThanOrEqual(0)
  expect(attempts).toBe(3)
})

test('after the last retry the policy decides: dead-letter', async () => {
  const it = world()
  attempts = 0
  mendsAtAttempt = Number.POSITIVE_INFINITY
  put(it, 0, { amount: 2, fails: 'always' })
  const one = it.start({ ...retried, deadLetterTopic: 'dead' })
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  expect(deadOffsets(it)).toEqual(['in:0:0'])
  expect(attempts).toBe(3)
})

test('skipped records are counted by reason, and nothing else becomes of them', async () => {
  const it = world()
  put(it, 0, { amount: 1 })
  it.cluster.append('in', 0, { key: Buffer.from('k0'), value: Buffer.from('{'), timestampMs: 1 })
  put(it, 0, { amount: 2, fails: 'first' })
  put(it, 0, { amount: 4 })
  const one = it.start({ onUndecodable: 'skip', onProcessingError: 'skip' })
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  expect(last(it, 'own')).toEqual({ k0: 5 })
  const dropped = (reason: string) =>
    counted(one.counters, 'millrace_records_dropped_total', {
      operator: 'orders',
      reason,
      lane: 'live',
    })
  expect([dropped('undecodable'), dropped('processing')]).toEqual([1, 1])
  expect(mismatches(one)).toBe(0)
})

test('a result too large for its topic fails the record it was made from, also at the commit', async () => {
  const it = world()
  it.cluster.setTopicConfig('copies', 'max.message.bytes', '100000')
  it.cluster.setTopicConfig('own', 'max.message.bytes', '100')
  put(it, 0, { amount: 1 })
  put(it, 0, { amount: 7 })
  put(it, 0, { amount: 2 })
  const one = it.start({ ...exactly, deadLetterTopic: 'dead' })
  await it.untilConsumed('in', partitionCount)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(deadOffsets(it)).toEqual(['in:0:1'])
  expect(last(it, 'own')).toEqual({ k0: 3 })
})

test('a dead letter that cannot be written stops the worker, and nothing is passed over', async () => {
  const it = world()
  const one = it.start({ ...exactly, deadLetterTopic: 'dead' })
  await it.untilRunning(one)
  it.cluster.setTopicConfig('dead', 'max.message.bytes', '70')
  put(it, 0, { amount: 1, fails: 'first' })
  put(it, 0, { amount: 2 })
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toContain('dead[')
  expect(it.cluster.committedOffset('app', 'in', 0)).toBeLessThanOrEqual(0)
})

test('without its dead-letter topic an application does not start', async () => {
  const it = world()
  const one = it.start({ deadLetterTopic: 'gone' })
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_RUNTIME_TOPIC_MISSING.*gone/)
})

test('a record that an operator skips is passed over by the worker that comes back', async () => {
  const it = world()
  put(it, 0, { amount: 1 })
  put(it, 0, { amount: 2, fails: 'first' })
  put(it, 0, { amount: 4 })
  const one = it.start()
  await it.until(() => one.worker.state === 'failed')
  await it.clock.run(one.worker.ended)
  const { topic, configs } = newSkipsTopic('app')
  it.cluster.createTopic(topic, { configs: { ...configs } })
  const skip = { topic: 'in', partition: 0, reason: 'a test', by: 'ann', atMs: 1 }
  for (const offset of [0, 1])
    it.cluster.append(topic, 0, { ...encodeSkip({ ...skip, offset }), timestampMs: 1 })
  // The first was taken back.
  it.cluster.append(topic, 0, { key: Buffer.from('in:0:0'), value: null, timestampMs: 1 })
  const two = it.start({ backends: one.backends })
  await it.untilConsumed('in', partitionCount)
  await it.stop(two)
  expect(last(it, 'own')).toEqual({ k0: 5 })
  const labels = { operator: 'orders', reason: 'skipped-by-operator', lane: 'live' }
  expect(counted(two.counters, 'millrace_records_dropped_total', labels)).toBe(1)
  expect(it.warnings).toContain('a record is skipped by an operator')
  expect(mismatches(two)).toBe(0)
})

function mismatches({ counters }: TestWorker): number {
  const found = counters
    .series()
    .filter(({ metric }) => metric === 'millrace_conservation_mismatches_total')
  return found.reduce((sum, { metric, labels }) => sum + counters.cell(metric, labels).value, 0)
}
