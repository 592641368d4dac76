import type { CancelTimer, Clock } from '@millrace/time'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** Stands still until `advance`; promises settle between two timers. */
export class ManualClock implements Clock {
  #elapsedMs = 0
  #timers: Timer[] = []

  nowMs(): number {
    return 1_700_000_000_000 + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): CancelTimer {
    const timer = { atMs: this.#elapsedMs + delayMs, callback }
    this.#timers.push(timer)
    return () => this.#remove(timer)
  }

  get pendingTimers(): number {
    return this.#timers.length
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs
    await settle()
    for (let due = this.#due(untilMs); due !== undefined; due = this.#due(untilMs)) {
      this.#elapsedMs = due.atMs
      this.#remove(due)
      due.callback()
      await settle()
    }
    this.#elapsedMs = untilMs
  }

  /** Advances in small steps until the condition holds; throws where it does not within `limitMs`. */
  async advanceUntil(condition: () => boolean, limitMs = 300_000): Promise<void> {
    const untilMs = this.#elapsedMs + limitMs
    await settle()
    while (!condition()) {
      if (this.#elapsedMs >= untilMs)
        throw new Error(`the condition does not hold after ${limitMs} ms`)
      await this.advance(10)
    }
  }

  #due(untilMs: number): Timer | undefined {
    const earliest = this.#timers.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
      undefined,
    )
    return earliest !== undefined && earliest.atMs <= untilMs ? earliest : undefined
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
