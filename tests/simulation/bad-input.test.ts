import { topology } from '@millrace/dsl'
import { headerText, json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

const program = topology((t) => {
  t.stream<string, { n: number }>('in', { key: string, value: json(), name: 'source' })
    .mapValues((value) => {
      if (value?.n === 13) throw new Error('unlucky')
      return value?.n === 99 ? 'x'.repeat(2_000_000) : (value?.n ?? 0)
    })
    .to('out')
})

function world(): World {
  const made = new World(program)
  for (const topic of ['in', 'out', 'dead']) made.cluster.createTopic(topic, { partitionCount: 2 })
  return made
}

function feed(it: World, values: readonly string[]): void {
  for (const value of values) {
    it.cluster.append('in', 1, {
      key: Buffer.from('k'),
      value: Buffer.from(value),
      timestampMs: 5_000,
    })
  }
}

function outputs(it: World): readonly string[] {
  return it.cluster.readAll('out').map(({ value }) => value?.toString() ?? '')
}

test('a record that cannot be read stops the worker, which names it and what to do', async () => {
  const it = world()
  feed(it, ['{"n":1}', '{"n":', '{"n":2}'])
  const one = it.start()
  await it.until(() => one.worker.state === 'failed')
  expect(String(one.worker.error)).toMatch(/MILLRACE_RECORD_UNDECODABLE.*at in\[1\]@1/)
  expect(String(one.worker.error)).toMatch(/MILLRACE_DEAD_LETTER_TOPIC/)
  await it.clock.run(one.worker.ended)
  // Nothing behind it was processed, and nothing at or behind it committed.
  expect(outputs(it)).not.toContain('2')
  expect(it.cluster.committedOffset('app', 'in', 1)).toBeLessThanOrEqual(1)
})

test('with a dead-letter topic such records go there, as they were, and the rest is processed', async () => {
  const it = world()
  feed(it, ['{"n":1}', '{"n":', '{"n":13}', '{"n":99}', '{"n":2}'])
  const one = it.start({ deadLetterTopic: 'dead' })
  await it.untilConsumed('in', 2)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(outputs(it)).toEqual(['1', '2'])
  const letters = it.cluster.readAll('dead')
  expect(letters.map(({ value }) => value?.toString())).toEqual(['{"n":', '{"n":13}', '{"n":99}'])
  expect(letters.map(({ headers }) => headerText(headers, 'millrace.dlq.code'))).toEqual([
    'MILLRACE_RECORD_UNDECODABLE',
    'MILLRACE_RUNTIME_PROCESSING_FAILED',
    'MILLRACE_KAFKA_RECORD_REFUSED',
  ])
  expect(letters.map(({ headers }) => headerText(headers, '__streams.errors.offset'))).toEqual([
    '1',
    '2',
    '3',
  ])
  expect(letters.map(({ headers }) => headerText(headers, '__streams.errors.topic'))).toEqual([
    'in',
    'in',
    'in',
  ])
  const reason = (code: string) =>
    counted(one.counters, 'millrace_dead_letters_total', { reason: code, lane: 'live' })
  expect(reason('MILLRACE_RUNTIME_PROCESSING_FAILED')).toBe(1)
})

test('a negative timestamp drops the record, counted', async () => {
  const it = world()
  it.cluster.append('in', 0, {
    key: Buffer.from('k'),
    value: Buffer.from('{"n":1}'),
    timestampMs: -1,
  })
  feed(it, ['{"n":2}'])
  const one = it.start()
  await it.untilConsumed('in', 2)
  await it.stop(one)
  expect(outputs(it)).toEqual(['2'])
  const labels = { operator: 'source', reason: 'negative-timestamp', lane: 'live' }
  expect(counted(one.counters, 'millrace_records_dropped_total', labels)).toBe(1)
})

test('records in are records out, by reason, and the engine finds no mismatch', async () => {
  const late = topology((t) => {
    t.stream('in', { key: string, value: string, name: 'source' })
      .groupByKey()
      .windowedBy(tumbling({ size: '10s', grace: '0s' }))
      .count({ name: 'counts', late: 'dead' })
      .to('out')
  })
  const it = new World(late)
  for (const topic of ['in', 'out', 'dead']) it.cluster.createTopic(topic)
  const times = [1_000, 25_000, 2_000, 31_000, 29_999]
  for (const timestampMs of times)
    it.cluster.append('in', 0, { key: Buffer.from('k'), value: Buffer.from('v'), timestampMs })
  it.cluster.append('in', 0, { key: null, value: Buffer.from('v'), timestampMs: 1 })
  const one = it.start()
  await it.untilConsumed('in', 1)
  await it.stop(one)
  const late2 = it.cluster.readAll('dead')
  expect(late2.map(({ timestampMs }) => timestampMs)).toEqual([2_000, 29_999])
  expect(late2.map(({ headers }) => headerText(headers, 'millrace.late.offset'))).toEqual([
    '2',
    '4',
  ])
  expect(late2.map(({ headers }) => headerText(headers, 'millrace.late.lateness-ms'))).toEqual([
    '23000',
    '1001',
  ])
  const values = one.counters
    .series()
    .map((series) => ({ ...series, value: one.counters.cell(series.metric, series.labels).value }))
  const sum = (metric: string) =>
    values.filter((each) => each.metric === metric).reduce((a, b) => a + b.value, 0)
  expect(sum('millrace_records_consumed_total')).toBe(6)
  expect(sum('millrace_records_late_total')).toBe(2)
  expect(sum('millrace_records_dropped_total')).toBe(1)
  expect(sum('millrace_conservation_mismatches_total')).toBe(0)
})
