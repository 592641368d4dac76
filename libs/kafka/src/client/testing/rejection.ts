import type { MillraceError } from '@millrace/errors'

/** What a promise rejects with; throws where it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<MillraceError> {
  try {
    await promise
  } catch (error) {
    return error as MillraceError
  }
  throw new Error('the promise resolved')
}
