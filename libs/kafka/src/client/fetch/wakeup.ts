import type { Clock } from '@millrace/time'

/** Lets one waiter sleep until it is woken or its time is up. */
export class Wakeup {
  readonly #clock: Clock
  #wakeWaiter: (() => void) | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A second waiter wakes the first. */
  wait(timeoutMs: number): Promise<void> {
    this.wake()
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakeWaiter = null
        cancel()
        resolve()
      }
      const cancel = this.#clock.setTimer(timeoutMs, wake)
      this.#wakeWaiter = wake
    })
  }

  wake(): void {
    this.#wakeWaiter?.()
  }
}
