import { MillraceError } from './millrace-error.ts'

/** A programmer's error, checked in production too. Throws `MILLRACE_ERRORS_ASSERTION`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new MillraceError('MILLRACE_ERRORS_ASSERTION', { message })
}

/** The end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new MillraceError('MILLRACE_ERRORS_ASSERTION', {
    message: `unexpected case ${String(value)}`,
  })
}
