import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

export interface ProcessorOptions {
  readonly brokers: string
  readonly applicationId: string
  readonly guarantee: string
  /** One for each process, and kept by it over restarts. */
  readonly stateDirectory: string
  readonly logFile: string
  /** How long the group waits for a member that is gone. Left out: the processor's default. */
  readonly sessionTimeout?: string | undefined
}

/** One processor of the demo: a process of its own, as it would run in a container. */
export class DemoProcessor {
  readonly #options: ProcessorOptions
  #child: ChildProcess | undefined

  constructor(options: ProcessorOptions) {
    this.#options = options
  }

  start(): void {
    const { brokers, applicationId, guarantee, stateDirectory, logFile } = this.#options
    const { sessionTimeout } = this.#options
    const main = join(root, 'services', 'processor', 'src', 'main.ts')
    const child = spawn(process.execPath, ['--conditions=source', main], {
      env: {
        PATH: process.env['PATH'],
        MILLRACE_KAFKA_BROKERS: brokers,
        MILLRACE_APPLICATION_ID: applicationId,
        MILLRACE_TOPOLOGY: join(root, 'services', 'processor', 'src', 'topologies', 'flights.ts'),
        MILLRACE_GUARANTEE: guarantee,
        MILLRACE_STATE_DIRECTORY: stateDirectory,
        MILLRACE_DEAD_LETTER_TOPIC: 'flights-dead-letters',
        MILLRACE_HTTP_PORT: '0',
        ...(sessionTimeout !== undefined && { MILLRACE_SESSION_TIMEOUT: sessionTimeout }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(logFile, { flags: 'a' })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.#child = child
  }

  get stateDirectory(): string {
    return this.#options.stateDirectory
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  get isRunning(): boolean {
    return (
      this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
    )
  }

  /** Why it does not run any more, for the table. */
  get outcome(): string {
    if (this.isRunning) return 'running'
    return this.#child?.signalCode ?? `exit code ${this.#child?.exitCode ?? 'none'}`
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child
    if (!child || !this.isRunning) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}
