import type { TopicPartition } from '@millrace/record'
import { WorkerMetrics } from '../metrics/worker-metrics.ts'
import { openProcessBackend } from '../plan/process-backend.ts'
import type { StreamTask } from '../task/stream-task.ts'
import { RequestQueue } from './request-queue.ts'
import { clustersOf, startUp } from './startup.ts'
import { WorkerLoop } from './worker-loop.ts'
import type { StreamWorkerOptions } from './worker-options.ts'
import { type WorkerState, WorkerStateMachine } from './worker-state.ts'

/** One thread's worth of an application: a member of its group, running its share of the tasks. */
export interface StreamWorker {
  readonly state: WorkerState
  /** All tasks that are assigned run and brokers answer; liveness is `state !== 'failed'`. */
  readonly isReady: boolean
  /** Why it failed. */
  readonly error: unknown
  /** Begins; whatever goes wrong ends in `failed`, nothing is thrown. */
  start(): void
  /**
   * Commits, closes the tasks, leaves the group (a static member stays in it). What is not done by
   * the deadline is dropped, and done again by whoever takes over. Resolves when ended.
   */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>
  /** Resolves when the worker is `stopped` or `failed` and has let go of everything. */
  readonly ended: Promise<WorkerState>
  /** Holds partitions: nothing of them is read, their tasks wait, time waits for them. */
  pausePartitions(partitions: readonly TopicPartition[]): Promise<void>
  resumePartitions(partitions: readonly TopicPartition[]): Promise<void>
  /** The tasks that run now; to look at, between slices. */
  tasks(): readonly StreamTask[]
  /** Names of tasks that are being opened or restored. */
  openingTasks(): readonly string[]
}

export function createStreamWorker(options: StreamWorkerOptions): StreamWorker {
  return new Worker(options)
}

class Worker implements StreamWorker {
  readonly ended: Promise<WorkerState>
  readonly #options: StreamWorkerOptions
  readonly #machine: WorkerStateMachine
  readonly #metrics: WorkerMetrics
  readonly #requests = new RequestQueue()
  #loop: WorkerLoop | null = null
  #isStopAsked = false
  #error: unknown = null
  #end: (state: WorkerState) => void = () => {}

  constructor(options: StreamWorkerOptions) {
    this.#options = options
    this.#metrics = new WorkerMetrics(
      options.counters,
      options.thread ?? 0,
      options.clock,
      options.topology,
    )
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#machine = new WorkerStateMachine((state) => this.#changed(state))
    this.#metrics.state(this.#machine.state)
  }

  get state(): WorkerState {
    return this.#machine.state
  }

  get isReady(): boolean {
    return this.#loop?.isReady ?? false
  }

  get error(): unknown {
    return this.#error
  }

  start(): void {
    this.#machine.enter('starting')
    void this.#runToEnd()
  }

  async stop({ deadlineMs = 8_000 } = {}): Promise<void> {
    this.#isStopAsked = true
    this.#loop?.askToStop()
    if (this.#machine.state === 'created') {
      this.#machine.enter('stopped')
      this.#end('stopped')
    }
    await this.#endedOrLate(deadlineMs)
    if (this.#machine.hasEnded) return
    this.#options.logger.error(
      { deadlineMs },
      'the stop took too long; what is not committed is done again elsewhere',
    )
    if (this.#machine.state !== 'stopping') this.#machine.enter('stopping')
    this.#machine.enter('stopped')
  }

  pausePartitions(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#requests.ask({ kind: 'pause', partitions })
  }

  resumePartitions(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#requests.ask({ kind: 'resume', partitions })
  }

  tasks(): readonly StreamTask[] {
    return this.#loop?.tasks() ?? []
  }

  openingTasks(): readonly string[] {
    return this.#loop?.openingTasks() ?? []
  }

  async #runToEnd(): Promise<void> {
    try {
      await this.#run()
      if (!this.#machine.hasEnded) this.#machine.enter('stopped')
    } catch (error) {
      this.#fail(error)
    }
    this.#end(this.#machine.state)
  }

  async #run(): Promise<void> {
    const { backends, cluster, groupInstanceId, topology } = this.#options
    // First of all the lock: a second process must not touch anything.
    const lock = await openProcessBackend(backends, this.#options.logger)
    const clusters = {
      group: cluster('group'),
      fetch: cluster('fetch'),
      produce: cluster('produce'),
      restore: cluster('restore'),
      ...(topology.globalTables.size > 0 && { global: cluster('global') }),
    }
    try {
      const environment = await startUp({
        options: this.#options,
        state: this.#machine,
        requests: this.#requests,
        metrics: this.#metrics,
        clusters,
        lock,
        isStopAsked: () => this.#isStopAsked,
      })
      if (environment === null) return this.#stopping()
      const { member } = environment
      const loop = new WorkerLoop(environment)
      this.#loop = loop
      if (this.#isStopAsked) loop.askToStop()
      this.#machine.enter('rebalancing')
      member.start()
      try {
        await loop.run()
      } catch (error) {
        // Seen at once: letting go of everything may take a while.
        this.#fail(error)
      } finally {
        this.#requests.close(new Error('the worker has ended'))
        await loop.close()
        await environment.globalTables?.close()
        await member.leave({ leaveGroup: groupInstanceId === undefined })
      }
    } finally {
      await Promise.all(clustersOf(clusters).map((each) => each.close()))
      await lock.close()
    }
  }

  #endedOrLate(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.setTimer(deadlineMs, resolve)
      void this.ended.then(() => {
        cancel()
        resolve()
      })
    })
  }

  #stopping(): void {
    this.#machine.enter('stopping')
  }

  #fail(error: unknown): void {
    if (this.#machine.hasEnded) return
    this.#error = error
    this.#options.logger.error({ err: error }, 'the worker has failed')
    this.#machine.enter('failed')
  }

  #changed(state: WorkerState): void {
    this.#metrics.state(state)
    this.#options.logger.info({ state }, 'worker state')
    this.#options.onStateChange?.(state)
  }
}
