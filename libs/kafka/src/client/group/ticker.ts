import type { CancelTimer, Clock } from '@millrace/time'

/**
 * Runs a task again and again, `intervalMs` after the last run ended or as soon as that asked
 * for, so that runs never overlap.
 * The task handles its own errors.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #task: () => Promise<number | undefined>
  #cancel: CancelTimer | null = null
  /** Tells runs of an earlier start from the present one. */
  #epoch = 0

  constructor(clock: Clock, intervalMs: number, task: () => Promise<number | undefined>) {
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

  #schedule(epoch: number, delayMs = this.#intervalMs): void {
    this.#cancel = this.#clock.setTimer(Math.min(delayMs, this.#intervalMs), () => {
      void this.#task().then((nextDelayMs) => {
        if (epoch === this.#epoch) this.#schedule(epoch, nextDelayMs)
      })
    })
  }
}
