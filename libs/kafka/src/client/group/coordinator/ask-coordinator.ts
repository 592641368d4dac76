import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Clock } from '@millrace/time'
import type { CoordinatorLookup } from '../dependencies.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

/** What came back; the answer is null where none came in time. */
export type Reply<T> =
  | { readonly outcome: 'moved'; readonly errorCode: number; readonly answer: null }
  | { readonly outcome: Outcome; readonly errorCode: number; readonly answer: T }

/**
 * Sends one request to the group's coordinator. No answer within the time, a lost connection and a
 * coordinator that moved are the outcome `moved`, and make the next request look it up again.
 * Rejects only with errors that repeating cannot mend.
 */
export async function askCoordinator<T extends { readonly errorCode: number }>(
  { coordinator, clock }: { readonly coordinator: CoordinatorLookup; readonly clock: Clock },
  timeoutMs: number,
  send: (nodeId: number) => Promise<T>,
): Promise<Reply<T>> {
  try {
    const answer = await within(clock, timeoutMs, coordinator.nodeId().then(send))
    const outcome = outcomeOf(answer.errorCode)
    if (outcome === 'moved') coordinator.invalidate()
    return { outcome, errorCode: answer.errorCode, answer }
  } catch (error) {
    if (!isMillraceError(error) || error.recovery !== 'retry') throw error
    coordinator.invalidate()
    return { outcome: 'moved', errorCode: 0, answer: null }
  }
}

/** Rejects with `MILLRACE_KAFKA_RETRIABLE` when the promise takes longer. */
export function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(timeoutMs, () => {
      reject(
        new MillraceError('MILLRACE_KAFKA_RETRIABLE', {
          message: `no answer within ${timeoutMs} ms`,
        }),
      )
    })
    promise.then(resolve, reject).finally(cancel)
  })
}
