import {
  type ErrorCode,
  errorCatalogue,
  isMillraceError,
  MillraceError,
  type RecordPosition,
} from '@millrace/errors'
import type { FailurePolicies, FailurePolicy, FailureStage } from './failure-policies.ts'
import { recover } from './recover.ts'

/** Results that cannot be written: the record they were made from fails at production. */
const productionCodes: ReadonlySet<ErrorCode> = new Set([
  'MILLRACE_KAFKA_RECORD_REFUSED',
  'MILLRACE_RECORD_UNENCODABLE',
])

/** Where the record failed, from where it was and what was thrown. */
export function stageOf(error: unknown, at: 'undecodable' | 'processing'): FailureStage {
  if (at === 'undecodable' || !isMillraceError(error)) return at
  return productionCodes.has(error.code) ? 'production' : at
}

/**
 * Turns whatever was thrown into an error that names the record, and keeps what a Millrace error
 * says of its own recovery.
 */
export function asRecordError(
  error: unknown,
  stage: FailureStage,
  at: RecordPosition,
): MillraceError {
  if (isMillraceError(error) && error.at !== undefined) return error
  const code: ErrorCode = codeOf(error, stage)
  const reason = error instanceof Error ? error.message : String(error)
  const message = `${what[stage]}: ${reason}`
  const { recovery, remedy } = isMillraceError(error) ? error : errorCatalogue[code]
  const wayOn = recovery === 'dead-letter' ? ` ${wayOnOf(at)}` : ''
  return new MillraceError(code, { message, cause: error, at, recovery, remedy: remedy + wayOn })
}

const what: { readonly [S in FailureStage]: string } = {
  undecodable: 'the record cannot be read',
  processing: 'processing threw',
  production: 'a result cannot be written',
}

function wayOnOf({ topic, partition, offset }: RecordPosition): string {
  return (
    'Or name a dead-letter topic (MILLRACE_DEAD_LETTER_TOPIC) to pass over such records, ' +
    `or pass over this one: millrace skip ${topic}:${partition}:${offset} --reason <why>.`
  )
}

function codeOf(error: unknown, stage: FailureStage): ErrorCode {
  if (isMillraceError(error)) return error.code
  return stage === 'undecodable'
    ? 'MILLRACE_RECORD_UNDECODABLE'
    : 'MILLRACE_RUNTIME_PROCESSING_FAILED'
}

/**
 * What to do with the record: the policy decides for errors that lie in it. `throw`: it is not the
 * record's fault, and the worker's to handle.
 */
export function judge(
  error: unknown,
  stage: FailureStage,
  policies: FailurePolicies,
): FailurePolicy | 'throw' {
  const escalate = (): 'throw' => 'throw'
  return recover<FailurePolicy | 'throw'>(error, {
    skip: () => 'skip',
    'dead-letter': () => policies[stage],
    retry: escalate,
    'restore-task': escalate,
    rejoin: escalate,
    stop: escalate,
  })
}
