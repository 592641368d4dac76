import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseMetrics, type Sample, sumOf } from './metrics-text.ts'
import { until } from './until.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const main = join(root, 'services', 'processor', 'src', 'main.ts')

/** One line of the processor's log. */
export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** How a process ended, and how long it took from the signal, or from when it failed. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly tookMs: number
}

/** `services/processor` as an operator starts it: a process with an environment. */
export class Processor {
  readonly #env: Readonly<Record<string, string>>
  readonly #child: ChildProcess
  readonly #exited: Promise<Omit<Ending, 'tookMs'> & { readonly atMs: number }>
  #text = ''

  /** `script` in place of the processor's own: a test that runs the engine in another way. */
  constructor(env: Readonly<Record<string, string>>, script: readonly string[] = [main]) {
    this.#env = env
    const inherited = { PATH: process.env['PATH'] ?? '', MILLRACE_HTTP_PORT: '0' }
    this.#child = spawn(process.execPath, ['--conditions=source', ...script], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8')
      stream?.on('data', (text: string) => {
        this.#text += text
      })
    }
    // `close`, not `exit`: all that it wrote has been read.
    this.#exited = once(this.#child, 'close').then(([code, signal]) => {
      return { code, signal, atMs: Date.now() }
    })
  }

  /** What it was started with. */
  get env(): Readonly<Record<string, string>> {
    return this.#env
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Everything that it wrote, standard error included. */
  get text(): string {
    return this.#text
  }

  log(): readonly LogLine[] {
    return this.#text.split('\n').flatMap((line) => {
      if (!line.startsWith('{')) return []
      try {
        return [JSON.parse(line) as LogLine]
      } catch {
        return []
      }
    })
  }

  /** The last lines, for a message. */
  tail(): string {
    const lines = this.#text.trimEnd().split('\n')
    return lines.slice(-25).join('\n')
  }

  /** The lines with this message. */
  said(message: string | RegExp): readonly LogLine[] {
    return this.log().filter(({ msg }) =>
      typeof message === 'string' ? msg === message : message.test(msg),
    )
  }

  /** Waits for it to end by itself. */
  async ended(limitMs = 60_000): Promise<Ending> {
    await until('the process ends', () => !this.isRunning, { limitMs, explain: () => this.tail() })
    const { code, signal, atMs } = await this.#exited
    const [failed] = this.said('the worker has failed')
    const failedAtMs = failed === undefined ? atMs : Date.parse(String(failed['time']))
    return { code, signal, tookMs: atMs - failedAtMs }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Ending> {
    const sentAtMs = Date.now()
    if (this.isRunning) this.#child.kill(signal)
    const { atMs, ...ending } = await this.#exited
    return { ...ending, tookMs: atMs - sentAtMs }
  }

  /** The answer to a GET; throws while nothing listens. */
  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const [serving] = this.said('Serving /healthz, /readyz and /metrics')
    if (serving === undefined) throw new Error('it does not listen yet')
    const response = await fetch(`http://127.0.0.1:${String(serving['port'])}${path}`)
    return { status: response.status, body: await response.text() }
  }

  async isReady(): Promise<boolean> {
    return (await this.get('/readyz')).status === 200
  }

  /** Waits until it has joined, restored and hears its broker; fails at once where it has ended. */
  async ready(limitMs = 120_000): Promise<void> {
    const isReadyOrGone = async (): Promise<boolean> => !this.isRunning || (await this.isReady())
    await until('ready', isReadyOrGone, { limitMs, explain: () => this.tail() })
    if (!this.isRunning) throw new Error(`it has ended instead\n${this.tail()}`)
  }

  async metrics(): Promise<readonly Sample[]> {
    return parseMetrics((await this.get('/metrics')).body)
  }

  /** The sum of the series of a metric that have these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return sumOf(await this.metrics(), name, labels)
  }
}

/** How many tasks process, over all threads of a processor. */
export function runningTasks(processor: Processor): Promise<number> {
  return processor.metric('millrace_tasks', { state: 'running' })
}
