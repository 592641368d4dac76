import { isMillraceError, MillraceError } from '@millrace/errors'

/**
 * Thrown by a serde that cannot read these bytes yet: what it needs, a schema say, is being fetched.
 * The engine stops at the record, goes on once it is there, and asks again; nothing has failed.
 */
export class Unresolved extends MillraceError {
  /** Settled when it is there, or cannot be had: the serde then throws why. Never rejects. */
  readonly resolved: Promise<void>

  constructor(what: string, resolved: Promise<void>) {
    super('MILLRACE_RECORD_UNRESOLVED', { message: `${what} is being fetched` })
    this.resolved = resolved
  }
}

/** True also for one from another copy of this library. */
export function isUnresolved(error: unknown): error is Unresolved {
  return isMillraceError(error) && 'resolved' in error
}
