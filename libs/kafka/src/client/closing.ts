import { MillraceError } from '@millrace/errors'

/** Said once: what waits is woken, what begins afterwards is refused. Pairs with everything that has a `close()`. */
export class Closing {
  readonly #listeners = new Set<() => void>()
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }

  /** Calls back once at the close; the result takes the listener away. */
  onClose(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Throws `MILLRACE_KAFKA_CLOSED` after the close. */
  check(): void {
    if (this.#isClosed) throw closedError()
  }
}

export function closedError(): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_CLOSED', { message: 'the client was closed' })
}
