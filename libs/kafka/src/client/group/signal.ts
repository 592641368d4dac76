import type { Clock } from '@millrace/time'

/** Wakes whoever waits. Waiters look at the facts again; a raise without waiters is forgotten. */
export class Signal {
  #waiters: (() => void)[] = []

  raise(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
    })
  }

  /** Waits for a raise, at most `delayMs`. */
  waitUpTo(delayMs: number, clock: Clock): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.setTimer(delayMs, resolve)
      this.#waiters.push(() => {
        cancel()
        resolve()
      })
    })
  }
}
