import { isMillraceError } from '@millrace/errors'

/** What a check found: an `error` keeps the application from running right. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error'
  /** Which of the things that are looked at. */
  readonly check: string
  readonly message: string
  /** What to do; empty with `ok`. */
  readonly remedy: string
}

export function ok(check: string, message: string): Finding {
  return { level: 'ok', check, message, remedy: '' }
}

export function warning(check: string, message: string, remedy: string): Finding {
  return { level: 'warning', check, message, remedy }
}

export function fault(check: string, message: string, remedy: string): Finding {
  return { level: 'error', check, message, remedy }
}

/** A coded error as a finding; others are thrown on. */
export function failed(check: string, error: unknown): Finding {
  if (!isMillraceError(error)) throw error
  return fault(check, error.message.replace(` ${error.remedy}`, ''), error.remedy)
}

/** The error as a finding where the attempt fails, else what it found. */
export async function attempt(
  check: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work()
  } catch (error) {
    return [failed(check, error)]
  }
}
