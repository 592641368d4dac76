import type { CancelTimer, Clock } from '@millrace/time'
import type { Gate } from './gate.ts'

/** The clock of one machine, seen by a process: its wall clock jumps alone, its timers end with the process. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #gate: Gate
  readonly #wall: { offsetMs: number }
  readonly #pending = new Set<CancelTimer>()

  constructor(clock: Clock, gate: Gate, wall: { offsetMs: number }) {
    this.#clock = clock
    this.#gate = gate
    this.#wall = wall
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.#wall.offsetMs
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs()
  }

  setTimer(delayMs: number, callback: () => void): CancelTimer {
    if (this.#gate.isDead) return () => {}
    let isCancelled = false
    const cancelOnClock = this.#clock.setTimer(delayMs, () => {
      this.#pending.delete(cancel)
      this.#gate.pass(() => {
        if (!isCancelled) callback()
      })
    })
    const cancel = (): void => {
      isCancelled = true
      this.#pending.delete(cancel)
      cancelOnClock()
    }
    this.#pending.add(cancel)
    return cancel
  }

  /** After a kill: the world's clock forgets the process. */
  cancelAll(): void {
    for (const cancel of [...this.#pending]) cancel()
  }
}
