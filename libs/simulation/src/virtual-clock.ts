import { assert, MillraceError } from '@millrace/errors'
import type { CancelTimer, Clock } from '@millrace/time'
import { type Timer, TimerHeap } from './timer-heap.ts'

export interface VirtualClockOptions {
  /** The wall clock at the start, milliseconds since the epoch. Default 2026-01-01T00:00:00Z. */
  readonly startAtMs?: number
  /**
   * Waits until nothing more happens without a timer. Default: one turn of the event loop, which
   * lets every promise settle. Work outside JavaScript (files, sockets) needs a longer wait.
   */
  readonly settle?: () => Promise<void>
}

const defaultStartAtMs = Date.UTC(2026, 0, 1)
const defaultLimitMs = 3_600_000

/**
 * A clock that stands still until it is told to move. Timers fire in order of their moment, one at
 * a time, and promises settle in between, so that a run depends on nothing but its inputs.
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap()
  readonly #settle: () => Promise<void>
  #elapsedMs = 0
  #wallOffsetMs: number
  #isMoving = false

  constructor(options: VirtualClockOptions = {}) {
    this.#wallOffsetMs = options.startAtMs ?? defaultStartAtMs
    this.#settle = options.settle ?? eventLoopTurn
  }

  nowMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  setTimer(delayMs: number, callback: () => void): CancelTimer {
    const timer = this.#timers.add(this.#elapsedMs + Math.max(0, delayMs), callback)
    return () => this.#timers.cancel(timer)
  }

  /** Timers still to fire. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Moves the wall clock alone, forth or back, as an operator or NTP does; no timer fires. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs
  }

  /** Lets promises settle without moving. */
  settle(): Promise<void> {
    return this.#settle()
  }

  /** Moves by `byMs`, firing what falls due on the way. */
  async advance(byMs: number): Promise<void> {
    assert(byMs >= 0, `time cannot go back by ${-byMs} ms`)
    const untilMs = this.#elapsedMs + byMs
    await this.#move(untilMs, () => false)
    this.#elapsedMs = untilMs
  }

  /** Moves until the wall clock shows `atMs`. */
  advanceTo(atMs: number): Promise<void> {
    return this.advance(atMs - this.nowMs())
  }

  /** Fires timers until none is left; throws where some are left after `limitMs`. */
  async runUntilIdle(limitMs: number = defaultLimitMs): Promise<void> {
    await this.#move(this.#elapsedMs + limitMs, () => false)
    if (this.#timers.size > 0) throw this.#stuck(`${this.#timers.size} timers are left`, limitMs)
  }

  /** Fires timers until the condition holds; throws where it does not within `limitMs`. */
  async runUntil(condition: () => boolean, limitMs: number = defaultLimitMs): Promise<void> {
    await this.#move(this.#elapsedMs + limitMs, condition)
    if (!condition()) throw this.#stuck('the condition does not hold', limitMs)
  }

  /** Fires timers until `work` is settled, and gives its result; throws where it is not within `limitMs`. */
  async run<T>(work: Promise<T>, limitMs: number = defaultLimitMs): Promise<T> {
    let isSettled = false
    const settled = (): void => {
      isSettled = true
    }
    work.then(settled, settled)
    await this.runUntil(() => isSettled, limitMs)
    return work
  }

  async #move(untilMs: number, isDone: () => boolean): Promise<void> {
    assert(!this.#isMoving, 'virtual time is moved by one caller at a time')
    this.#isMoving = true
    try {
      await this.#settle()
      while (!isDone()) {
        const timer = this.#timers.peek()
        if (timer === undefined || timer.atMs > untilMs) return
        this.#fire(this.#timers.pop()!)
        await this.#settle()
      }
    } finally {
      this.#isMoving = false
    }
  }

  #fire(timer: Timer): void {
    const callback = timer.callback!
    timer.callback = null
    this.#elapsedMs = Math.max(this.#elapsedMs, timer.atMs)
    callback()
  }

  #stuck(what: string, limitMs: number): MillraceError {
    return new MillraceError('MILLRACE_SIMULATION_STUCK', {
      message: `${what} after ${limitMs} ms of virtual time`,
    })
  }
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
