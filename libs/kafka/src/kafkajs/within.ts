import type { Clock } from '@millrace/time'

/** The promise, or after `timeoutMs` a rejection; what the promise does later is then ignored. */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<T>,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.setTimer(timeoutMs, () => reject(late()))
    promise.then(resolve, reject).finally(cancel)
  })
}
