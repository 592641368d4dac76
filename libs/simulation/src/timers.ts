import type { CancelTimer, Clock } from '@millrace/time'

/** The cluster's timers on a clock, so that closing the cluster ends them all. */
export class Timers {
  readonly clock: Clock
  readonly #pending = new Set<CancelTimer>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  set(delayMs: number, callback: () => void): CancelTimer {
    const cancelOnClock = this.clock.setTimer(delayMs, () => {
      this.#pending.delete(cancel)
      callback()
    })
    const cancel = (): void => {
      this.#pending.delete(cancel)
      cancelOnClock()
    }
    this.#pending.add(cancel)
    return cancel
  }

  cancelAll(): void {
    for (const cancel of [...this.#pending]) cancel()
  }
}
