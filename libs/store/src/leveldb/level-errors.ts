import { isMillraceError, MillraceError } from '@millrace/errors'

/** Turns what classic-level throws into a coded error that names the place. */
export function storeError(error: unknown, location: string): MillraceError {
  if (isMillraceError(error)) return error
  const cause = rootOf(error)
  const message = `${location}: ${cause instanceof Error ? cause.message : String(cause)}`
  switch (codeOf(cause)) {
    case 'LEVEL_LOCKED':
      return new MillraceError('MILLRACE_STORE_LOCKED', {
        message: `${location} is in use by another process`,
        cause: error,
      })
    case 'LEVEL_CORRUPTION':
      return new MillraceError('MILLRACE_STORE_CORRUPT', { message, cause: error })
    case 'LEVEL_IO_ERROR':
      return new MillraceError(isFileGone(cause) ? 'MILLRACE_STORE_CORRUPT' : 'MILLRACE_STORE_IO', {
        message,
        cause: error,
      })
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
    case 'LEVEL_BATCH_NOT_OPEN':
      return new MillraceError('MILLRACE_ERRORS_ASSERTION', { message, cause: error })
    default:
      return new MillraceError('MILLRACE_STORE_IO', { message, cause: error })
  }
}

export function damaged(location: string, damage: string): MillraceError {
  return new MillraceError('MILLRACE_STORE_CORRUPT', { message: `${location}: ${damage}` })
}

/** A failed open comes wrapped in LEVEL_DATABASE_NOT_OPEN. */
export function rootOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error ? rootOf(cause) : error
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** A file of the database that its manifest names is missing. */
function isFileGone(error: unknown): boolean {
  return error instanceof Error && /no such file/i.test(error.message)
}
