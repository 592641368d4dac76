import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../tools/kafka/ports.ts'

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** A real Prometheus on the loopback that scrapes these targets once a second, for as long as a test runs. */
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

  /** `ruleFiles` are evaluated once a second too. */
  static async start(
    program: string,
    targets: readonly string[],
    ruleFiles: readonly string[] = [],
  ): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-prometheus-'))
    const configFile = join(folder, 'prometheus.json')
    const job = { job_name: 'millrace', static_configs: [{ targets }] }
    // JSON is YAML.
    writeFileSync(
      configFile,
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        rule_files: ruleFiles,
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
      ],
      { stdio: 'ignore' },
    )
    return new Prometheus(`http://${address}`, folder, child)
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
