import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { debianPackage } from '../../../tools/test/system-packages.ts'
import { needPackage } from '../need-package.ts'
import { ruleFiles } from '../rule-files.ts'
import { runCheck } from '../run-check.ts'
import { envFile, fileText, yamlDocuments } from '../yaml-files.ts'
import { dashboardFiles, dashboardsFolder } from './dashboard-files.ts'

test("Prometheus' configuration is one, and reads every file with rules, says promtool", {
  timeout: 180_000,
}, (context) => {
  const promtool = join(needPackage(context, debianPackage('prometheus')), 'usr/bin/promtool')
  const { complaints, output } = runCheck(promtool, [
    'check',
    'config',
    'deploy/prometheus/prometheus.yml',
  ])
  expect(complaints).toBe('')
  for (const file of ruleFiles) expect(output).toContain(basename(file))
})

test('Grafana finds its data source where compose puts it, and asks as often as it is fed', () => {
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
})

test('Grafana finds every dashboard where compose puts the folder, and opens with one', () => {
  const [provider] = yamlDocuments('deploy/grafana/provisioning/dashboards/millrace.yml') as [
    { readonly providers: readonly { readonly options: { readonly path: string } }[] },
  ]
  const folder = String(provider.providers[0]?.options.path)
  expect(fileText('docker-compose.yml')).toContain(`./${dashboardsFolder}:${folder}:ro`)
  const home = String(
    envFile('deploy/env/grafana.env')['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'],
  )
  expect(home).toBe(join(folder, basename(home)))
  expect(existsSync(join(import.meta.dirname, '../../..', dashboardsFolder, basename(home)))).toBe(
    true,
  )
})

test('the page on operations names every dashboard and its file', () => {
  const page = fileText('docs/operations/install.md')
  for (const { name, title } of dashboardFiles) {
    expect(page).toContain(`${name}.json`)
    expect(page).toContain(title)
  }
})
