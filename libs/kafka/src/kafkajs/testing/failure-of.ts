/** What the promise rejects with, to be looked at later without an unhandled rejection; undefined if it resolves. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}
