import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseConfig } from '@millrace/config'
import { expect, test } from 'vitest'
import { debianPackage, pythonPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from './need-package.ts'
import { runCheck } from './run-check.ts'
import { envFile, fileText, yamlDocuments } from './yaml-files.ts'

interface Service {
  readonly image: string
  readonly build?: { readonly target: string }
  readonly env_file?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: unknown
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const compose = yamlDocuments('docker-compose.yml')[0] as Compose
const services = Object.entries(compose.services)
const processors = services.filter(([, { image }]) => image === 'millrace')

test('the compose file fits the schema of compose files', { timeout: 180_000 }, (context) => {
  const schema = join(
    needPackage(context, debianPackage('docker-compose')),
    'usr/lib/python3/dist-packages/compose/config/compose_spec.json',
  )
  const python = needPackage(context, pythonPackage('jsonschema', '4.26.0'))
  const folder = mkdtempSync(join(tmpdir(), 'millrace-compose-'))
  try {
    const instance = join(folder, 'compose.json')
    writeFileSync(instance, JSON.stringify(compose))
    const args = ['-W', 'ignore', '-m', 'jsonschema', '-i', instance, schema]
    expect(runCheck('python3', args, python)).toEqual({ output: '', complaints: '' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the settings of every processor are complete and known', () => {
  expect(processors).toHaveLength(2)
  const image = imageEnvironment()
  for (const [name, { env_file: file = '', environment }] of processors) {
    const config = parseConfig({ ...image, ...envFile(file), ...environment }, () => '')
    expect(config).toMatchObject({ groupInstanceId: name, httpHost: '0.0.0.0' })
    expect(config.brokers).toEqual(['kafka:19092'])
    expect(existsSync(config.topology)).toBe(true)
  }
})

test('every processor keeps its state on a volume of its own, at the place that the image names', () => {
  const mounts = processors.flatMap(([, { volumes = [] }]) => volumes)
  const [sources, targets] = [0, 1].map((part) => mounts.map((mount) => mount.split(':')[part]))
  expect(new Set(sources)).toHaveLength(2)
  expect(new Set(targets)).toEqual(new Set([imageEnvironment()['MILLRACE_STATE_DIRECTORY']]))
  for (const source of sources ?? []) expect(compose.volumes).toHaveProperty(source ?? '')
})

test('no processor can write outside its volume or gain rights', () => {
  for (const [, { read_only: isReadOnly, cap_drop: dropped }] of processors) {
    expect(isReadOnly).toBe(true)
    expect(dropped).toEqual(['ALL'])
  }
})

test('whatever is published is published on the loopback', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? [])
  expect(ports.length).toBeGreaterThan(0)
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})

test('what is built is a stage of the Dockerfile', () => {
  const targets = services.flatMap(([, { build }]) => (build ? [build.target] : []))
  const dockerfile = fileText('Dockerfile')
  const isStage = (target: string): boolean => dockerfile.includes(` AS ${target}\n`)
  expect(targets).toHaveLength(4)
  expect(targets.filter((target) => !isStage(target))).toEqual([])
})

test('what is mounted or started is there', () => {
  const paths = services.flatMap(([, { command = [], volumes = [], env_file: file = '.' }]) => [
    file,
    ...command.filter((word) => word.endsWith('.ts')),
    ...volumes.filter((mount) => mount.startsWith('./')).map((mount) => mount.split(':')[0] ?? ''),
  ])
  expect(paths.filter((path) => !existsSync(path))).toEqual([])
})

test("Kafka's log lies on its volume, and the processors find it under the name it advertises", () => {
  const { KAFKA_LOG_DIRS: log, KAFKA_ADVERTISED_LISTENERS: advertised } =
    envFile('deploy/env/kafka.env')
  expect(compose.services['kafka']?.volumes).toContain(`kafka-data:${log}`)
  expect(advertised).toContain('INSIDE://kafka:19092')
})

test('Prometheus scrapes every processor', () => {
  const { scrape_configs: jobs } = yamlDocuments('deploy/prometheus/prometheus.yml')[0] as {
    readonly scrape_configs: readonly {
      readonly job_name: string
      readonly static_configs: readonly { readonly targets: readonly string[] }[]
    }[]
  }
  const job = jobs.find(({ job_name: name }) => name === 'millrace')
  const targets = job?.static_configs.flatMap((each) => each.targets)
  expect(targets).toEqual(processors.map(([name]) => `${name}:9464`))
})

/** The `MILLRACE_…` variables that the Dockerfile sets. */
function imageEnvironment(): Record<string, string> {
  const pairs = fileText('Dockerfile').matchAll(/\b(MILLRACE_\w+)=(\S+)/g)
  return Object.fromEntries([...pairs].map(([, name, value]) => [name ?? '', value ?? '']))
}
