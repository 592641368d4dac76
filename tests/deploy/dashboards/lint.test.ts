import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type MetricDefinition, metricCatalogue } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { debianPackage } from '../../../tools/test/system-packages.ts'
import { needPackage } from '../need-package.ts'
import { filledIn, metricsOf, recordedOf } from '../promql.ts'
import { recordedNames } from '../rule-files.ts'
import { runCheck } from '../run-check.ts'
import { askedQueries, dashboardFiles } from './dashboard-files.ts'

const catalogue: Readonly<Record<string, MetricDefinition>> = metricCatalogue

/** Of Grafana's names of units (grafana-data, valueFormats), those that fit a metric of ours. */
const units: readonly string[] = ['short', 'percentunit', 's', 'bytes', 'cps', 'dateTimeAsIso']
const allPanels = dashboardFiles.flatMap(({ name, panels }) =>
  panels.map((panel) => ({ dashboard: name, ...panel })),
)
const templated = { type: 'prometheus', uid: '${datasource}' }

test.each(dashboardFiles)('$name has an identity that stays, and nobody edits it', (dashboard) => {
  expect(dashboard.uid).toBe(`millrace-${dashboard.name}`)
  expect(dashboard.title).not.toBe('')
  expect(dashboard.schemaVersion).toBe(39)
  expect(dashboard.editable).toBe(false)
})

test('no two dashboards have the same title', () => {
  expect(new Set(dashboardFiles.map(({ title }) => title)).size).toBe(dashboardFiles.length)
})

test.each(dashboardFiles)(
  '$name lets choose the data source, the jobs and the instances',
  ({ templating: { list } }) => {
    const of = (name: string) => list.find((variable) => variable.name === name)
    expect(of('datasource')).toMatchObject({ type: 'datasource', query: 'prometheus' })
    for (const name of ['job', 'instance']) {
      expect(of(name)).toMatchObject({ multi: true, includeAll: true, allValue: '.+' })
    }
    for (const variable of list.filter(({ type }) => type === 'query')) {
      expect(variable.datasource).toEqual(templated)
      // On a change of the time that is shown.
      expect(variable.refresh).toBe(2)
      const { query } = variable.query as { readonly query: string }
      expect(query).toMatch(
        new RegExp(`^label_values\\(millrace_\\w+(\\{.*\\})?, ${variable.name}\\)$`),
      )
      for (const { name, labels } of metricsOf(query)) {
        const known = ['job', 'instance', ...(catalogue[name]?.labels ?? [])]
        expect(known).toEqual(expect.arrayContaining([...labels, variable.name]))
      }
    }
  },
)

test.each(dashboardFiles)(
  'what $name lets choose is used, and what it uses can be chosen',
  (file) => {
    const known = new Set(['__rate_interval', '__range'])
    const text = JSON.stringify({ panels: file.panels, list: file.templating.list })
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
    const chosen = file.templating.list.map(({ name }) => name)
    const asked = used.filter((name) => !known.has(name) && name !== '__all')
    expect([...new Set(asked)].toSorted()).toEqual(chosen.toSorted())
  },
)

test.each(dashboardFiles)(
  'every panel of $name has a title and a number of its own',
  ({ panels }) => {
    expect(panels.length).toBeGreaterThan(0)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  },
)

test.each(allPanels)(
  '$dashboard, $title says what to make of it, in which unit, and asks the data source that is chosen',
  ({ title, description, datasource, fieldConfig, targets }) => {
    expect(title).not.toBe('')
    expect(description).toMatch(/\.$/)
    expect(units).toContain(fieldConfig.defaults.unit)
    expect(datasource).toEqual(templated)
    expect(targets.length).toBeGreaterThan(0)
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    for (const target of targets) {
      expect(target.datasource).toEqual(templated)
      expect(target.legendFormat).not.toBe('')
    }
  },
)

test.each(dashboardFiles)('no panel of $name lies over another', ({ panels }) => {
  const taken = new Set<string>()
  for (const { gridPos } of panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x).toBeLessThan(24)
        expect(taken.has(`${x},${y}`)).toBe(false)
        taken.add(`${x},${y}`)
      }
    }
  }
})

test.each(askedQueries)(
  '$dashboard, $panel: $expression asks for what there is, of the jobs and instances that are chosen',
  ({ expression }) => {
    const metrics = metricsOf(expression)
    const recorded = recordedOf(expression)
    expect(metrics.length + recorded.length).toBeGreaterThan(0)
    for (const { name, labels, selector } of metrics) {
      const definition = catalogue[name.replace(/_(bucket|sum|count)$/, '')]
      expect(definition, `${name} is not in the catalogue`).toBeDefined()
      const known = new Set([...(definition?.labels ?? []), 'job', 'instance'])
      expect(labels.filter((label) => !known.has(label))).toEqual([])
      expect(selector).toContain('job=~"$job"')
      expect(selector).toContain('instance=~"$instance"')
      // A replay is not to look like an outage, nor the canary's probes like work.
      const hasLane = definition?.labels.includes('lane') ?? false
      expect(selector.includes('lane="live"')).toBe(hasLane)
    }
    // What rules record is over all instances.
    for (const { name, selector } of recorded) {
      expect([...recordedNames]).toContain(name)
      expect(selector).toContain('job=~"$job"')
    }
  },
)

test.each(askedQueries)(
  '$dashboard, $panel: $expression counts over the interval that Grafana works out',
  ({ expression, panelType }) => {
    const ranges = [...expression.matchAll(/\[([^\]]*)\]/g)].map(([, range]) => range)
    // A single number may be of all the time that is shown: for what is rare.
    const allowed = panelType === 'stat' ? ['$__rate_interval', '$__range'] : ['$__rate_interval']
    expect(ranges.filter((range) => !allowed.includes(range ?? ''))).toEqual([])
  },
)

test('every query is PromQL, says promtool', { timeout: 180_000 }, (context) => {
  const promtool = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/promtool')
  const folder = mkdtempSync(join(tmpdir(), 'millrace-rules-'))
  try {
    const rules = askedQueries.map(({ expression }, index) => ({
      record: `panel:query:${index}`,
      expr: filledIn(expression),
    }))
    const file = join(folder, 'rules.json')
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }))
    const { output, complaints } = runCheck(promtool, ['check', 'rules', file])
    expect(complaints).toBe('')
    expect(output).toContain(`${askedQueries.length} rules found`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
