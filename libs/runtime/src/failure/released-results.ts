import { type ErrorCode, isMillraceError, MillraceError } from '@millrace/errors'
import { RefusedTimestamps } from '@millrace/kafka'
import type { Headers, Record } from '@millrace/record'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { DeadLetterOutput } from '../output/dead-letter-output.ts'
import { type FailureObserver, isSetAside, setAside } from './failure-handler.ts'
import type { FailurePolicies } from './failure-policies.ts'
import type { MarkedRecords } from './marked-records.ts'
import { judge, stageOf } from './record-failure.ts'

/** A result that time lets go, and that failed, as JSON: no serde need know it. */
export interface FailedResult {
  readonly operator: string
  readonly key: Buffer
  /** Null where it could not be made. */
  readonly value: Buffer | null
  readonly timestampMs: number
  readonly headers: Headers
  readonly error: MillraceError
  /** In this run of the task. */
  isSettled: boolean
}

export interface ReleasedResultsOptions {
  readonly policies: FailurePolicies
  readonly deadLetters: DeadLetterOutput | null
  readonly marked: MarkedRecords
  readonly clock: Clock
  readonly logger: Logger
  readonly onFailure?: FailureObserver | undefined
}

/** Which result it is. */
export interface Released {
  readonly operator: string
  readonly key: unknown
  readonly timestampMs: number
}

/**
 * Results that time lets go. One that fails is no fault of the record that moved the time: that
 * record, and every one after it, would fail on it. So it goes by itself the way of the policy. What
 * it had done behind its operator is undone as with a record: the tasks start again from the last
 * commit, where it is marked.
 */
export class ReleasedResults {
  readonly #options: ReleasedResultsOptions

  constructor(options: ReleasedResultsOptions) {
    this.#options = options
  }

  /** Whether it failed before, and is settled by that. */
  settleMarked(released: Released): boolean {
    const { results } = this.#options.marked
    if (results.size === 0) return false
    const failed = results.get(idOf(released))
    if (failed === undefined) return false
    this.#settle(failed)
    return true
  }

  /** Settles it. Throws where the policy says stop, what is not its fault, and to have effects undone. */
  failed(
    released: Released,
    record: Record<unknown, unknown> | null,
    thrown: unknown,
    hasEffects: boolean,
  ): void {
    if (thrown instanceof RefusedTimestamps || isSetAside(thrown)) throw thrown
    const { policies, marked, logger, onFailure } = this.#options
    const stage = stageOf(thrown, 'processing')
    const error = asResultError(thrown, released)
    const verdict = judge(error, stage, policies)
    if (verdict === 'throw') throw thrown
    if (verdict === 'stop') throw asResultError(thrown, released, 'stop')
    const { operator, timestampMs } = released
    logger.warn({ err: error, operator }, 'a result that time let go failed and is passed over')
    const failed: FailedResult = {
      operator,
      key: json(released.key),
      value: record === null ? null : json(record.value),
      timestampMs,
      headers: record?.headers ?? [],
      error,
      isSettled: false,
    }
    if (!hasEffects) return this.#settle(failed)
    marked.results.set(idOf(released), failed)
    onFailure?.rolledBack(error.code)
    throw setAside('a result that time let go failed half-way; what it did is undone', error)
  }

  #settle(failed: FailedResult): void {
    const { policies, deadLetters, clock } = this.#options
    failed.isSettled = true
    const verdict = judge(failed.error, stageOf(failed.error, 'processing'), policies)
    if (verdict === 'dead-letter') deadLetters?.sendResult(failed, clock.nowMs())
  }
}

function idOf({ operator, key, timestampMs }: Released): string {
  return `${operator} ${timestampMs} ${json(key).toString()}`
}

function asResultError(
  thrown: unknown,
  { operator, key }: Released,
  recovery?: 'stop',
): MillraceError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const code: ErrorCode = isMillraceError(thrown)
    ? thrown.code
    : 'MILLRACE_RUNTIME_PROCESSING_FAILED'
  return new MillraceError(code, {
    message: `a result of ${operator} for key ${json(key).toString()} failed: ${reason}`,
    cause: thrown,
    recovery: recovery ?? (isMillraceError(thrown) ? thrown.recovery : undefined),
  })
}

function json(value: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(value) ?? 'null')
  } catch {
    return Buffer.from(JSON.stringify(String(value)))
  }
}
