import type { Clock } from '@millrace/time'

/** Waits on the given clock. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve)
  })
}

/** 100, 200, 400 … 5,000 ms. No jitter: a run on a virtual clock repeats exactly. */
export function backoffMs(failures: number): number {
  return Math.min(100 * 2 ** Math.min(failures - 1, 6), 5_000)
}
