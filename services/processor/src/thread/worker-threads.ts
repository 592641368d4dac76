import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Config } from '@millrace/config'
import { HandleKeeper } from '@millrace/store'
import type { LogLevel, MetricsRegistry } from '@millrace/telemetry'
import type { Health } from '../health.ts'
import type { Watchdog } from '../watchdog/watchdog.ts'
import type { FromThread, HandleRequest, ThreadData, ToThread } from './messages.ts'
import { answerHandleRequest } from './thread-handles.ts'

export interface WorkerThreadsOptions {
  readonly config: Config
  readonly processId: string
  readonly health: Health
  readonly metrics: MetricsRegistry
  readonly watchdog: Watchdog
  /** A thread failed or ended by itself; the process should not go on with a part of its workers. */
  readonly onFailed: (message: string) => void
}

/** On top of the 8 s that a worker gives itself. */
const terminateAfterMs = 9_000

/** The stream workers of this process, a thread each. */
export class WorkerThreads {
  readonly #options: WorkerThreadsOptions
  readonly #workers: Worker[] = []
  readonly #handles = new HandleKeeper()
  #isStopping = false

  constructor(options: WorkerThreadsOptions) {
    this.#options = options
  }

  start(): void {
    const { config, processId } = this.#options
    for (let thread = 0; thread < config.threads; thread++) {
      const workerData: ThreadData = { config, thread, processId }
      const name = `worker-${thread}`
      const url = new URL('./worker-thread.ts', import.meta.url)
      const worker = new Worker(url, { workerData, name })
      this.#workers.push(worker)
      this.#listen(worker, thread, name)
    }
  }

  /** Resolves when every thread has ended: stopped in order, or ended by force after the deadline. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#options.watchdog.close()
    const running = this.#workers.filter((worker) => worker.threadId !== -1)
    const ended = Promise.all(running.map((worker) => once(worker, 'exit')))
    for (const worker of running) worker.postMessage({ kind: 'stop' } satisfies ToThread)
    const force = setTimeout(() => {
      for (const worker of running) void worker.terminate()
    }, terminateAfterMs)
    await ended
    clearTimeout(force)
  }

  /** A thread that is stuck takes it up when it turns again. */
  setLogLevel(level: LogLevel): void {
    for (const worker of this.#workers) {
      if (worker.threadId === -1) continue
      worker.postMessage({ kind: 'logLevel', level } satisfies ToThread)
    }
  }

  #listen(worker: Worker, thread: number, name: string): void {
    const { health, metrics, watchdog } = this.#options
    const watched = watchdog.watch(thread, name)
    let define: ReturnType<MetricsRegistry['addSource']> = () => {}
    worker.on('message', (message: FromThread) => {
      switch (message.kind) {
        case 'counters':
          define = metrics.addSource(message.buffer)
          break
        case 'series':
          define(message.series)
          break
        case 'state':
          health.setState(thread, message.state)
          break
        case 'beat':
          health.beat(thread, message.isReady)
          watched.beat()
          break
        case 'whereabouts':
          watched.reads(message.buffer)
          break
        case 'place':
          watched.learn(message.name)
          break
        case 'failed':
          this.#fail(thread, message.message)
          break
        default:
          void this.#answer(worker, name, message)
      }
    })
    worker.on('error', (error) =>
      this.#fail(thread, error instanceof Error ? error.message : String(error)),
    )
    worker.on('exit', (code) => {
      void this.#handles.releaseAll(name)
      if (!this.#isStopping) this.#fail(thread, `the thread ended by itself with code ${code}`)
    })
  }

  async #answer(worker: Worker, name: string, request: HandleRequest): Promise<void> {
    worker.postMessage(await answerHandleRequest(this.#handles, name, request))
  }

  #fail(thread: number, message: string): void {
    this.#options.health.setState(thread, 'failed')
    this.#options.onFailed(`worker ${thread}: ${message}`)
  }
}
