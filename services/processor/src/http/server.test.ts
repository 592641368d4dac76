import { MetricsRegistry } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { Health } from '../health.ts'
import { ProcessMetrics } from '../process-metrics.ts'
import { HttpServer } from './server.ts'

const collectedAtMs = 1_700_000_000_500

/** A server with one worker, for as long as the test runs. */
async function serving(test: (base: string, health: Health) => Promise<void>): Promise<void> {
  const metrics = new MetricsRegistry(() => 0)
  const health = new Health(1, () => 0)
  const processMetrics = new ProcessMetrics({
    registry: metrics,
    version: '1.2.3',
    configHash: 'abc',
    stateDiskBudgetBytes: 1_000,
    threads: 1,
    health,
    nowMs: () => collectedAtMs,
  })
  const server = new HttpServer({ host: '127.0.0.1', port: 0, health, metrics, processMetrics })
  try {
    await test(`http://127.0.0.1:${await server.listen()}`, health)
  } finally {
    await server.close()
  }
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}

test('a scrape says when it was made, of which version, and how many workers there should be', () =>
  serving(async (base) => {
    const metrics = await text(`${base}/metrics`)
    expect(metrics).toContain(`millrace_metrics_collect_timestamp_seconds ${collectedAtMs / 1000}`)
    expect(metrics).toContain('millrace_build_info{version="1.2.3"} 1')
    expect(metrics).toContain('millrace_workers_expected 1')
    expect(metrics).toContain('millrace_config_info{hash="abc"} 1')
    expect(metrics).toContain('millrace_state_budget_bytes 1000')
    expect(metrics).toContain('millrace_app_state{state="created"} 1')
    expect(metrics).toContain('millrace_app_state{state="running"} 0')
  }))

test('a process whose workers restore is alive and not ready, and one with a failed worker neither', () =>
  serving(async (base, health) => {
    const statuses = async (): Promise<number[]> =>
      Promise.all(['/healthz', '/readyz'].map(async (path) => (await fetch(base + path)).status))
    health.setState(0, 'restoring')
    expect(await statuses()).toEqual([200, 503])
    health.setState(0, 'failed')
    expect(await statuses()).toEqual([503, 503])
  }))

test('a scrape that fails is answered, and says why', () =>
  serving(async (base, health) => {
    health.appState = () => {
      throw new Error('out of order')
    }
    const answer = await fetch(`${base}/metrics`)
    expect([answer.status, await answer.json()]).toEqual([500, { error: 'out of order' }])
  }))

test('requests are counted by path and status, and unknown paths make one series together', () =>
  serving(async (base) => {
    for (const path of ['/healthz', '/a', '/b?c="}', '/readyz']) await text(base + path)
    const metrics = await text(`${base}/metrics`)
    expect(metrics).toContain('millrace_http_requests_total{path="/healthz",status="200"} 1')
    expect(metrics).toContain('millrace_http_requests_total{path="other",status="404"} 2')
    expect(metrics).toContain('millrace_http_requests_total{path="/readyz",status="503"} 1')
  }))
