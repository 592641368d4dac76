import { MillraceError } from '@millrace/errors'

/** The name, or `MILLRACE_DSL_NAME_REQUIRED` with what it would have named and why it is needed. */
export function requiredName(name: unknown, of: string): string {
  if (typeof name === 'string' && name !== '') return name
  throw new MillraceError('MILLRACE_DSL_NAME_REQUIRED', { message: `${of} has no name` })
}
