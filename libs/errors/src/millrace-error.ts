import { type ErrorCode, errorCatalogue } from './catalogue.ts'
import type { Recovery } from './recovery.ts'

/** Where in the input an error happened. */
export interface RecordPosition {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface MillraceErrorOptions {
  /** What happened, with the values that matter. One sentence. */
  readonly message: string
  readonly cause?: unknown
  readonly at?: RecordPosition | undefined
  /** Overrides the catalogue's remedy where the place knows a better one. */
  readonly remedy?: string
  /** Overrides the catalogue's recovery. */
  readonly recovery?: Recovery
}

/**
 * Every error that Millrace throws on purpose. The message reads
 * `<CODE>: <message> [at topic[partition]@offset]. <remedy>`.
 */
export class MillraceError extends Error {
  readonly code: ErrorCode
  readonly recovery: Recovery
  readonly at: RecordPosition | undefined
  readonly remedy: string

  constructor(code: ErrorCode, options: MillraceErrorOptions) {
    const entry = errorCatalogue[code]
    const remedy = options.remedy ?? entry.remedy
    const at = options.at
    const place = at ? ` at ${at.topic}[${at.partition}]@${at.offset}` : ''
    super(`${code}: ${options.message.replace(/\.$/, '')}${place}. ${remedy}`, {
      cause: options.cause,
    })
    this.name = 'MillraceError'
    this.code = code
    this.recovery = options.recovery ?? entry.recovery
    this.at = at
    this.remedy = remedy
  }
}

/** True for a Millrace error, also one that came from another copy of this library. */
export function isMillraceError(error: unknown): error is MillraceError {
  return error instanceof Error && error.name === 'MillraceError' && 'recovery' in error
}
