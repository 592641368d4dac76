import type { CancelTimer, Clock } from '@millrace/time'

/**
 * Runs a task again and again, `intervalMs` after the last run ended, so that runs never overlap.
 * The task handles its own errors.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #task: () => Promise<void>
  #cancel: CancelTimer | null = null
  /** Tells runs of an earlier start from the present one. */
  #epoch = 0

  constructor(clock: Clock, intervalMs: number, task: () => Promise<void>) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#task = task
  }

  start(): void {
    this.stop()
    this.#schedule(this.#epoch)
  }

  stop(): void {
    this.#epoch += 1
    this.#cancel?.()
    this.#cancel = null
  }

  #schedule(epoch: number): void {
    this.#cancel = this.#clock.setTimer(this.#intervalMs, () => {
      void this.#task().finally(() => {
        if (epoch === this.#epoch) this.#schedule(epoch)
      })
    })
  }
}
