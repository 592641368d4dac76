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
  const registry = new MetricsRegistry(() => 0)
  countersIn(registry)
    .cell('millrace_records_consumed_total', { topic: 'flights', lane: 'live' })
    .add(3)
  expect(await registry.text()).toContain(
    'millrace_records_consumed_total{topic="flights",lane="live"} 3',
  )
})

test('the same series of two threads is added up', async () => {
  const registry = new MetricsRegistry(() => 0)
  for (const amount of [2, 5]) countersIn(registry).cell('millrace_rebalances_total').add(amount)
  expect(await registry.text()).toContain('millrace_rebalances_total 7')
})

test('an age is worked out at the scrape, of the oldest over the threads', async () => {
  let nowMs = 10_000
  const registry = new MetricsRegistry(() => nowMs)
  const labels = { view: 'counts', lane: 'live' }
  for (const seconds of [9, 4, 12])
    countersIn(registry).cell('millrace_freshness_local_seconds', labels).set(seconds)
  expect(await registry.text()).toContain('{view="counts",lane="live"} 6')
  // Nobody writes any more: the worker is stuck.
  nowMs = 100_000
  expect(await registry.text()).toContain('{view="counts",lane="live"} 96')
  // Ahead of the clock is not fresher than fresh.
  nowMs = 1_000
  expect(await registry.text()).toContain('{view="counts",lane="live"} 0')
})

test('a cleared series is left out', async () => {
  const registry = new MetricsRegistry(() => 0)
  const cell = countersIn(registry).cell('millrace_restore_remaining_records', { store: 'counts' })
  cell.set(9)
  expect(await registry.text()).toContain('store="counts"} 9')
  cell.clear()
  expect(await registry.text()).not.toContain('store="counts"')
})

test('a histogram comes out cumulative, with sum and count', async () => {
  const registry = new MetricsRegistry(() => 0)
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
  const registry = new MetricsRegistry(() => 0)
  const forged = ['a"} 1\nmillrace_forged 1'] as unknown as string
  countersIn(registry).cell('millrace_restore_records_total', { store: forged }).add(1)
  expect(await registry.text()).not.toMatch(/^millrace_forged/m)
})

test('label values are cut, well-formed text, and do not grow without end', async () => {
  const registry = new MetricsRegistry(() => 0)
  const counters = countersIn(registry)
  for (let n = 0; n < 1_100; n++) {
    const reason = n === 0 ? `\uD800${'x'.repeat(1_000_000)}` : `reason-${n}`
    counters.cell('millrace_fenced_total', { reason }).add(1)
  }
  const text = await registry.text()
  expect(text).toContain(`{reason="\uFFFD${'x'.repeat(255)}"} 1`)
  expect(text).toContain('millrace_fenced_total{reason="other"} 100')
  expect(text.match(/^millrace_fenced_total/gm)).toHaveLength(1_001)
})

test('the oldest over two threads is the oldest of both', async () => {
  const registry = new MetricsRegistry(() => 0)
  const labels = { view: 'counts', lane: 'live' }
  for (const startedAt of [30, 20])
    countersIn(registry)
      .cell('millrace_window_oldest_open_timestamp_seconds', labels)
      .set(startedAt)
  expect(await registry.text()).toContain('view="counts",lane="live"} 20')
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
