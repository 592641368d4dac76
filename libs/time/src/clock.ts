/** Ends a timer; calling it twice, or after the timer fired, does nothing. */
export type CancelTimer = () => void

/**
 * The only way to time in the libs: real in a service, virtual in tests and simulation.
 * `nowMs` is the wall clock (it may jump); `monotonicMs` measures durations.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** Milliseconds since some fixed moment; never goes back. */
  monotonicMs(): number
  /** Calls back once, no sooner than after `delayMs`. */
  setTimer(delayMs: number, callback: () => void): CancelTimer
}

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
