import { MillraceError } from '@millrace/errors'

/** The error of a serde that was handed something it cannot write. */
export function unencodable(serde: string, value: unknown, cause?: unknown): MillraceError {
  const what = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`
  return new MillraceError('MILLRACE_RECORD_UNENCODABLE', {
    message: `the ${serde} serde cannot write ${what}`,
    cause,
  })
}
