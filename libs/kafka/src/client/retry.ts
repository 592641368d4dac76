import { isMillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import { type Closing, closedError } from './closing.ts'

export interface RetryOptions {
  readonly clock: Clock
  /** Ends the waiting at once; the retry then rejects with `MILLRACE_KAFKA_CLOSED`. */
  readonly closing: Closing
  /** No attempt starts later than this after the first; then the last error is thrown. */
  readonly timeoutMs: number
  /** How long to wait after so many failures in a row. Left out: `backoffMs`. */
  readonly delayMs?: (failures: number) => number
}

/** Repeats an attempt while it fails with a retriable error, until the time is up. */
export async function retry<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const { clock, closing, timeoutMs, delayMs = backoffMs } = options
  const giveUpAtMs = clock.monotonicMs() + timeoutMs
  for (let failures = 1; ; failures++) {
    closing.check()
    try {
      return await attempt()
    } catch (error) {
      const waitMs = delayMs(failures)
      if (!isRetriableError(error) || clock.monotonicMs() + waitMs > giveUpAtMs) throw error
      await pause(clock, closing, waitMs)
    }
  }
}

const backoffFirstMs = 20
const backoffMaxMs = 1_000

/** 20, 40, 80 … 1,000 ms. No jitter: a run on a virtual clock must repeat exactly. */
export function backoffMs(failures: number): number {
  return Math.min(backoffFirstMs * 2 ** Math.min(failures - 1, 10), backoffMaxMs)
}

/** By code: `MILLRACE_KAFKA_ABORTABLE` has the recovery `retry` too, but of the whole transaction. */
export function isRetriableError(error: unknown): boolean {
  return isMillraceError(error) && retriableCodes.has(error.code)
}

const retriableCodes: ReadonlySet<string> = new Set([
  'MILLRACE_KAFKA_RETRIABLE',
  'MILLRACE_KAFKA_UNAVAILABLE',
])

/** Resolves after a time; rejects with `MILLRACE_KAFKA_CLOSED` when the client closes before. */
export function pause(clock: Clock, closing: Closing, delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    if (closing.isClosed) return reject(closedError())
    const forget = closing.onClose(() => {
      cancel()
      reject(closedError())
    })
    const cancel = clock.setTimer(delayMs, () => {
      forget()
      resolve()
    })
  })
}
