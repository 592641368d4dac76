import { expect, test } from 'vitest'
import { MetricsRegistry } from './registry.ts'
import { SharedCounters } from './shared-counters.ts'

function countersIn(registry: MetricsRegistry): SharedCounters {
  const pending: Parameters<ReturnType<MetricsRegistry['addSource']>>[0][] = []
  const counters = new SharedCounters({ onSeries: (series) => define(series) })
  let define: (series: (typeof pending)[number]) => void = (series) => void pending.push(series)
  define = registry.addSource(counters.buffer)
  return counters
}

test('a counter written by a worker is read at the scrape', async () => {
  const registry = new MetricsRegistry()
  countersIn(registry)
    .cell('millrace_records_consumed_total', { topic: 'flights', lane: 'live' })
    .add(3)
  expect(await registry.text()).toContain(
    'millrace_records_consumed_total{topic="flights",lane="live"} 3',
  )
})

test('the same series of two threads is added up', async () => {
  const registry = new MetricsRegistry()
  for (const amount of [2, 5]) countersIn(registry).cell('millrace_rebalances_total').add(amount)
  expect(await registry.text()).toContain('millrace_rebalances_total 7')
})

test('a cleared series is left out', async () => {
  const registry = new MetricsRegistry()
  const cell = countersIn(registry).cell('millrace_restore_remaining_records', { store: 'counts' })
  cell.set(9)
  expect(await registry.text()).toContain('store="counts"} 9')
  cell.clear()
  expect(await registry.text()).not.toContain('store="counts"')
})

test('a histogram comes out cumulative, with sum and count', async () => {
  const registry = new MetricsRegistry()
  const histogram = countersIn(registry).histogram('millrace_commit_duration_seconds')
  for (const seconds of [0.001, 0.03, 60]) histogram.observe(seconds)
  const text = await registry.text()
  expect(text).toContain('millrace_commit_duration_seconds_bucket{le="0.005"} 1')
  expect(text).toContain('millrace_commit_duration_seconds_bucket{le="0.05"} 2')
  expect(text).toContain('millrace_commit_duration_seconds_bucket{le="+Inf"} 3')
  expect(text).toContain('millrace_commit_duration_seconds_count 3')
  expect(text).toContain('millrace_commit_duration_seconds_sum 60.031')
})

test('a label value cannot forge a line, whatever its type', async () => {
  const registry = new MetricsRegistry()
  const forged = ['a"} 1\nmillrace_forged 1'] as unknown as string
  countersIn(registry).cell('millrace_restore_records_total', { store: forged }).add(1)
  expect(await registry.text()).not.toMatch(/^millrace_forged/m)
})

test('labels that the catalogue does not know are refused', () => {
  expect(() => new SharedCounters().cell('millrace_rebalances_total', { topic: 'x' })).toThrow(
    'MILLRACE_TELEMETRY_LABELS',
  )
})

test('more series than there is room for are refused, not overwritten', () => {
  const counters = new SharedCounters({ slotsMax: 1 })
  counters.cell('millrace_rebalances_total')
  expect(() => counters.cell('millrace_records_in_flight')).toThrow(
    'MILLRACE_TELEMETRY_SERIES_LIMIT',
  )
})
