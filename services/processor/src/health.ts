/** What is known of one worker thread. */
export interface WorkerHealth {
  readonly thread: number
  /** The runtime's worker state that it last reported. */
  readonly state: string
  readonly isReady: boolean
  /** Milliseconds since it last showed that its event loop turns; null before the first time. */
  readonly silentMs: number | null
}

/** Of the process, from the least to the most advanced; `failed` where any worker is. */
export const appStates = [
  'failed',
  'stopped',
  'stopping',
  'created',
  'starting',
  'rebalancing',
  'restoring',
  'running',
] as const

export type AppState = (typeof appStates)[number]

/** A thread that is silent for so long is not ready, whatever it said before. */
const silentMsMax = 5_000

/** Liveness and readiness of the process, from what its worker threads report. */
export class Health {
  readonly #nowMs: () => number
  readonly #states = new Map<number, string>()
  readonly #beats = new Map<number, { readonly atMs: number; readonly isReady: boolean }>()

  constructor(threads: number, nowMs: () => number) {
    this.#nowMs = nowMs
    for (let thread = 0; thread < threads; thread++) this.#states.set(thread, 'created')
  }

  setState(thread: number, state: string): void {
    this.#states.set(thread, state)
  }

  beat(thread: number, isReady: boolean): void {
    this.#beats.set(thread, { atMs: this.#nowMs(), isReady })
  }

  report(): { readonly workers: readonly WorkerHealth[] } {
    return {
      workers: [...this.#states].map(([thread, state]) => this.#workerHealth(thread, state)),
    }
  }

  /** The least advanced of the workers' states. */
  appState(): AppState {
    const states = new Set(this.#states.values())
    return appStates.find((state) => states.has(state)) ?? 'created'
  }

  /** No worker has failed. An unreachable broker leaves the process alive: a restart would not mend it. */
  isAlive(): boolean {
    return ![...this.#states.values()].includes('failed')
  }

  /** Every worker has joined the group and restored its tasks, hears its brokers, and its thread turns. */
  isReady(): boolean {
    return this.report().workers.every((worker) => worker.isReady)
  }

  #workerHealth(thread: number, state: string): WorkerHealth {
    const beat = this.#beats.get(thread)
    const silentMs = beat ? this.#nowMs() - beat.atMs : null
    const isReady = state === 'running' && beat?.isReady === true && (silentMs ?? 0) < silentMsMax
    return { thread, state, isReady, silentMs }
  }
}
