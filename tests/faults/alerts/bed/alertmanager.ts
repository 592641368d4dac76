import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { freePorts } from '../../../../tools/kafka/ports.ts'
import { until } from '../../../integration/harness/until.ts'

const projectFile = join(import.meta.dirname, '../../../../deploy/alertmanager/alertmanager.yml')

interface Routing {
  readonly receivers: readonly { readonly name: string }[]
}

/** A real Alertmanager with the project's routing, whose receivers all are one webhook. */
export class Alertmanager {
  /** `host:port`. */
  readonly address: string
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(address: string, folder: string, child: ChildProcess) {
    this.address = address
    this.#folder = folder
    this.#child = child
    this.#exited = once(child, 'exit')
  }

  /** Without a port, on a free one. */
  static async start(program: string, hookUrl: string, given?: number): Promise<Alertmanager> {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-alertmanager-'))
    const configFile = join(folder, 'alertmanager.json')
    const routing = parse(readFileSync(projectFile, 'utf8')) as Routing
    const webhook_configs = [{ url: hookUrl, send_resolved: true }]
    const receivers = routing.receivers.map((receiver) => ({ ...receiver, webhook_configs }))
    // JSON is YAML.
    writeFileSync(configFile, JSON.stringify({ ...routing, receivers }))
    const [free] = await freePorts(2)
    const port = given ?? free
    const address = `127.0.0.1:${port}`
    const args = [
      `--config.file=${configFile}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--cluster.listen-address=',
    ]
    const child = spawn(program, args, { stdio: 'ignore' })
    // What Prometheus tells nobody it tells again a minute later.
    await until('Alertmanager listens', async () => {
      return (await fetch(`http://${address}/-/ready`)).ok
    })
    return new Alertmanager(address, folder, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
