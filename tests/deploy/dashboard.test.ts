import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MetricDefinition, metricCatalogue } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { keepingUpPanels } from '../../tools/generate/dashboard/keeping-up-panels.ts'
import { debianPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from './need-package.ts'
import { filledIn, metricsOf } from './promql.ts'
import { runCheck } from './run-check.ts'
import { fileText, yamlDocuments } from './yaml-files.ts'

const queries = keepingUpPanels.flatMap((panel) =>
  panel.queries.map((query) => ({ panel: panel.title, ...query })),
)

test.each(queries)('$panel: $expression asks for metrics and labels of the catalogue', (query) => {
  const metrics = metricsOf(query.expression)
  expect(metrics.length).toBeGreaterThan(0)
  for (const { name, labels } of metrics) {
    const base = name.replace(/_(bucket|sum|count)$/, '')
    const definition = (metricCatalogue as Readonly<Record<string, MetricDefinition>>)[base]
    expect(definition, `${name} is not in the catalogue`).toBeDefined()
    const known = new Set([...(definition?.labels ?? []), 'job', 'instance'])
    expect(labels.filter((label) => !known.has(label))).toEqual([])
    expect(labels).toEqual(expect.arrayContaining(['job', 'instance']))
  }
})

test('every query is PromQL, says promtool', { timeout: 180_000 }, (context) => {
  const promtool = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/promtool')
  const folder = mkdtempSync(join(tmpdir(), 'millrace-rules-'))
  try {
    const rules = queries.map(({ expression }, index) => ({
      record: `panel:query:${index}`,
      expr: filledIn(expression),
    }))
    const file = join(folder, 'rules.json')
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    const { output, complaints } = runCheck(promtool, ['check', 'rules', file])
    expect(complaints).toBe('')
    expect(output).toContain(`${queries.length} rules found`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("Prometheus' configuration is one, says promtool", { timeout: 180_000 }, (context) => {
  const promtool = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/promtool')
  const { complaints } = runCheck(promtool, ['check', 'config', 'deploy/prometheus/prometheus.yml'])
  expect(complaints).toBe('')
})

test('every panel has a title of its own, says what to make of it, and overlaps no other', () => {
  const { panels } = JSON.parse(fileText('deploy/grafana/dashboards/keeping-up.json')) as {
    readonly panels: readonly {
      readonly title: string
      readonly description: string
      readonly gridPos: {
        readonly x: number
        readonly y: number
        readonly w: number
        readonly h: number
      }
    }[]
  }
  expect(new Set(panels.map(({ title }) => title))).toHaveLength(panels.length)
  const taken = new Set<string>()
  for (const { description, gridPos } of panels) {
    expect(description).not.toBe('')
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24)
        expect(taken.has(`${x},${y}`)).toBe(false)
        taken.add(`${x},${y}`)
      }
    }
  }
})

test('Grafana finds its data source and the folder of the dashboards where compose puts them', () => {
  const [source] = yamlDocuments('deploy/grafana/provisioning/datasources/prometheus.yml') as [
    { readonly datasources: readonly { readonly url: string; readonly jsonData: object }[] },
  ]
  expect(source.datasources[0]?.url).toBe('http://prometheus:9090')
  const scrape = yamlDocuments('deploy/prometheus/prometheus.yml')[0] as {
    readonly global: { readonly scrape_interval: string }
  }
  // Else $__rate_interval is made of a wrong interval.
  const timeInterval = scrape.global.scrape_interval
  expect(source.datasources[0]?.jsonData).toEqual({ timeInterval })
  const [provider] = yamlDocuments('deploy/grafana/provisioning/dashboards/millrace.yml') as [
    { readonly providers: readonly { readonly options: { readonly path: string } }[] },
  ]
  expect(fileText('docker-compose.yml')).toContain(`:${provider.providers[0]?.options.path}:ro`)
})
