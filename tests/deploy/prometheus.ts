import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../tools/kafka/ports.ts'

export interface PrometheusOptions {
  /** Evaluated as often as targets are scraped. */
  readonly ruleFiles?: readonly string[]
  /** Of scrapes and evaluations. Default 1 s. */
  readonly intervalSeconds?: number
  /** `host:port`. */
  readonly alertmanager?: string
}

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** A real Prometheus on the loopback, for as long as a test runs. */
export class Prometheus {
  readonly #base: string
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(base: string, folder: string, child: ChildProcess) {
    this.#base = base
    this.#folder = folder
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  static async start(
    program: string,
    targets: readonly string[],
    { ruleFiles = [], intervalSeconds = 1, alertmanager }: PrometheusOptions = {},
  ): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-prometheus-'))
    const configFile = join(folder, 'prometheus.json')
    writeTargets(folder, targets)
    const files = [join(folder, targetsFile)]
    const job = { job_name: 'millrace', file_sd_configs: [{ files, refresh_interval: '1s' }] }
    const alertmanagers =
      alertmanager === undefined ? [] : [{ static_configs: [{ targets: [alertmanager] }] }]
    // JSON is YAML.
    writeFileSync(
      configFile,
      JSON.stringify({
        global: {
          scrape_interval: `${intervalSeconds}s`,
          scrape_timeout: '1s',
          evaluation_interval: `${intervalSeconds}s`,
        },
        rule_files: ruleFiles,
        alerting: { alertmanagers },
        scrape_configs: [job],
      }),
    )
    const [port] = await freePorts(2)
    const address = `127.0.0.1:${port}`
    const child = spawn(
      program,
      [
        `--config.file=${configFile}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        // What is told before Alertmanager is discovered is not to wait for a minute.
        '--rules.alert.resend-delay=10s',
      ],
      { stdio: 'ignore' },
    )
    return new Prometheus(`http://${address}`, folder, child)
  }

  /** `host:port` of what is scraped from now on. */
  scrape(targets: readonly string[]): void {
    writeTargets(this.#folder, targets)
  }

  /** The answer to an instant query; throws while it does not listen, and where the query is wrong. */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = (await this.#get('query', { query: expression })) as {
      readonly result: readonly Sample[]
    }
    return result
  }

  /** Names of the alerts that fire now. */
  async firing(): Promise<readonly string[]> {
    const alerts = await this.query('ALERTS{alertstate="firing"}')
    return [...new Set(alerts.map(({ metric }) => metric['alertname'] ?? ''))].toSorted()
  }

  /** Whether a metric was ever seen in a scrape. */
  async hasSeen(metric: string): Promise<boolean> {
    return ((await this.#get('series', { 'match[]': metric })) as readonly object[]).length > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #get(path: string, parameters: Record<string, string>): Promise<unknown> {
    const query = new URLSearchParams(parameters).toString()
    const response = await fetch(`${this.#base}/api/v1/${path}?${query}`)
    const { status, data, error } = (await response.json()) as {
      readonly status: string
      readonly data: unknown
      readonly error?: string
    }
    if (status !== 'success') throw new Error(`${parameters['query'] ?? path}: ${error}`)
    return data
  }
}

const targetsFile = 'targets.json'

/** Moved into place: Prometheus reads it whole. */
function writeTargets(folder: string, targets: readonly string[]): void {
  const aside = join(folder, `.${targetsFile}`)
  writeFileSync(aside, JSON.stringify([{ targets }]))
  renameSync(aside, join(folder, targetsFile))
}
