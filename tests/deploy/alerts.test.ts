import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type MetricDefinition, metricCatalogue } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { debianPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from './need-package.ts'
import { metricsOf } from './promql.ts'
import { runCheck } from './run-check.ts'
import { fileText, yamlDocuments } from './yaml-files.ts'

interface Recording {
  readonly record: string
  readonly expr: string
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

/** In the order of the runbooks. */
const rulesFiles = ['millrace.yml', 'freshness.yml'].map(
  (name) => `deploy/prometheus/rules/${name}`,
)
const all = rulesFiles.flatMap((file) => {
  const [{ groups }] = yamlDocuments(file) as [{ groups: { rules: (Rule | Recording)[] }[] }]
  return groups.flatMap((group) => group.rules)
})
const rules = all.filter((rule) => 'alert' in rule)
const recordings = all.filter((rule) => 'record' in rule)
const testsDir = join(import.meta.dirname, 'alerts')
const tests = readdirSync(testsDir).map((file) => basename(file, '.yml'))
const chapters = fileText('docs/operations/alerts.md').split(/^## /m).slice(1)
const catalogue: Readonly<Record<string, MetricDefinition>> = metricCatalogue

test('an alert has one test and one runbook, and there are no others', () => {
  const names = rules.map(({ alert }) => alert)
  expect(new Set(names).size).toBe(names.length)
  expect(tests.toSorted()).toEqual(names.toSorted())
  expect(chapters.map((chapter) => chapter.split('\n')[0])).toEqual(names)
})

test.each(chapters.map((chapter) => [chapter.split('\n')[0] ?? '', chapter]))(
  'the runbook of %s says what it means, what it does, what to look at, what to do and whom to call',
  (_name, chapter) => {
    const words = [...chapter.matchAll(/^\*\*(\w+)\*\* \S/gm)].map(([, word]) => word)
    expect(words).toEqual(['Meaning', 'Impact', 'Check', 'Fix', 'Escalate'])
  },
)

test.each(rules)('$alert says how bad it is, what to read and how soon it comes', (rule) => {
  const { alert, labels, annotations } = rule
  expect(['critical', 'warning', 'none']).toContain(labels.severity)
  expect(annotations['summary']).toMatch(/^[^{]*\.$/)
  expect(annotations['description']).toBeTruthy()
  expect(annotations['runbook_url']).toBe(`docs/operations/alerts.md#${alert.toLowerCase()}`)
  expect(annotations['detects_in']).toMatch(/^\d+[sm]$/)
  expect(annotations['clears_in']).toMatch(/^\d+[sm]$/)
})

test('all files with rules are known here', () => {
  const files = readdirSync(join(import.meta.dirname, '../../deploy/prometheus/rules'))
  expect(files.toSorted()).toEqual(rulesFiles.map((file) => basename(file)).toSorted())
})

test('what is recorded is used, and what is used is recorded', () => {
  const used = all.flatMap(({ expr }) => expr.match(/\b\w+:\w+:\w+/g) ?? [])
  expect([...new Set(used)].toSorted()).toEqual(recordings.map(({ record }) => record).toSorted())
})

test.each(all)('%o asks for what there is, and not for replays', ({ expr }) => {
  for (const { name, labels } of metricsOf(expr)) {
    if (!name.startsWith('millrace_')) continue
    const definition = catalogue[name]
    expect(definition, `${name} is not in the catalogue`).toBeDefined()
    const known = new Set([...(definition?.labels ?? []), 'job', 'instance'])
    expect(labels.filter((label) => !known.has(label))).toEqual([])
    const lanes = (definition?.labels ?? []).filter((label) => label === 'lane')
    expect(labels).toEqual(expect.arrayContaining(lanes))
  }
  expect(expr).not.toMatch(/lane="(?!live")/)
})

test('the rules are rules, and each fires, clears and is quiet as its test says', {
  timeout: 180_000,
}, (context) => {
  const promtool = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/promtool')
  expect(runCheck(promtool, ['check', 'rules', ...rulesFiles]).complaints).toBe('')
  const files = tests.map((name) => join(testsDir, `${name}.yml`))
  expect(runCheck(promtool, ['test', 'rules', ...files]).complaints).toBe('')
})

test("Alertmanager's configuration is one, and inhibits by alerts that exist", {
  timeout: 180_000,
}, (context) => {
  const found = needPackage(context, debianPackage('prometheus-alertmanager'))
  const file = 'deploy/alertmanager/alertmanager.yml'
  expect(runCheck(join(found, 'usr/bin/amtool'), ['check-config', file]).complaints).toBe('')
  const named = [...fileText(file).matchAll(/Millrace\w+/g)].map(([name]) => name)
  const names = new Set(rules.map(({ alert }) => alert))
  expect(named.filter((name) => !names.has(name))).toEqual([])
})
