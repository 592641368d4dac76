import {
  type ErrorCode,
  isMillraceError,
  MillraceError,
  type RecordPosition,
} from '@millrace/errors'
import { RefusedTimestamps } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import { partitionKey } from '../assignment/task-definition.ts'
import type { DeadLetterOutput } from '../output/dead-letter-output.ts'
import type { RecordQueue } from '../task/record-queue.ts'
import { type FailurePolicies, type FailureStage, retryBackoffMs } from './failure-policies.ts'
import type { MarkedRecords } from './marked-records.ts'
import { asRecordError, judge, stageOf } from './record-failure.ts'
import type { UnsealedRecords } from './unsealed-records.ts'

/** For metrics. */
export interface FailureObserver {
  retried(code: ErrorCode): void
  /** What the record did is undone by starting again from the last commit. */
  rolledBack(code: ErrorCode): void
  /** A function that this operator has called by time threw. */
  punctuationFailed(operator: string): void
}

export interface FailureHandlerOptions {
  readonly policies: FailurePolicies
  /** Null where there is no topic for them. */
  readonly deadLetters: DeadLetterOutput | null
  readonly marked: MarkedRecords
  readonly clock: Clock
  readonly logger: Logger
  readonly onFailure?: FailureObserver | undefined
}

/**
 * What becomes of the records of one task that fail. The law: a record that is skipped or
 * dead-lettered leaves state and results as if it had never been there. One that failed before it
 * touched anything is settled on the spot; the effects of any other are undone by starting the tasks
 * again from the last commit, with the record marked (decision 24).
 */
export class FailureHandler {
  readonly #options: FailureHandlerOptions

  constructor(options: FailureHandlerOptions) {
    this.#options = options
  }

  /** Of the queue's records, the next that is marked: the others need not be asked about. */
  nextMarked({ source, position }: RecordQueue): number {
    return this.#options.marked.nextOffset(partitionKey(source), position)
  }

  /**
   * The queue's head is (or was) marked. `process`: it is to be processed after all; `wait`: not yet;
   * `passed`: it was taken out and settled.
   */
  settleHead(queue: RecordQueue): 'process' | 'wait' | 'passed' {
    const { marked, clock, logger } = this.#options
    const mark = marked.at(partitionKey(queue.source), queue.headOffset)
    switch (mark?.kind) {
      case undefined:
      // Taken out before its turn, where its source still has a bound.
      case 'ahead':
        return 'process'
      case 'retry':
        return clock.monotonicMs() < mark.notBeforeMs ? 'wait' : 'process'
      case 'failed':
        queue.pass()
        this.#settle(queue, mark.stage, mark.error)
        return 'passed'
      case 'skip': {
        queue.pass()
        queue.skip('skipped-by-operator')
        const { by, reason } = mark
        logger.warn({ ...positionOf(queue), by, reason }, 'a record is skipped by an operator')
        return 'passed'
      }
    }
  }

  /** Whether the queue's head was set aside before as ahead of the clock. */
  wasAhead(queue: RecordQueue): boolean {
    return this.#options.marked.at(partitionKey(queue.source), queue.headOffset)?.kind === 'ahead'
  }

  /** Takes the head out, which is (or was) more than `maxMs` ahead of the clock. */
  setAsideAhead(queue: RecordQueue, maxMs: number): void {
    const { marked, deadLetters, clock, logger } = this.#options
    const { headTimestampMs } = queue
    queue.pass()
    const at = positionOf(queue)
    marked.mark(partitionKey(at), at.offset, { kind: 'ahead' })
    const message = `its event time ${headTimestampMs} is more than ${maxMs} ms ahead of the clock`
    const error = new MillraceError('MILLRACE_RUNTIME_RECORD_AHEAD', { message, at })
    if (deadLetters === null) {
      queue.skip('ahead-of-clock')
      logger.warn({ err: error }, 'a record is left out')
      return
    }
    queue.left.failed++
    deadLetters.send(queue.taken, at, error, clock.nowMs())
  }

  /**
   * The record that was taken last failed. `passed`: it is settled; `again`: it is to be put back,
   * and waits there. Throws where the policy says stop, what is not the record's fault, and
   * `MILLRACE_RUNTIME_RECORD_SET_ASIDE` where what it did must be undone.
   */
  failed(
    at: 'undecodable' | 'processing',
    queue: RecordQueue,
    thrown: unknown,
    hasEffects: boolean,
  ): 'passed' | 'again' {
    // A producer that failed before: the record under way has no part in it.
    if (thrown instanceof RefusedTimestamps) throw thrown
    const { policies, marked } = this.#options
    const stage = stageOf(thrown, at)
    const position = positionOf(queue)
    const error = asRecordError(thrown, stage, position)
    const verdict = judge(error, stage, policies)
    if (verdict === 'throw') throw error
    const isTriedAgain = this.#markForRetry(position, error, stage)
    if (isTriedAgain && !hasEffects) return 'again'
    if (!isTriedAgain && verdict === 'stop') throw error
    if (!hasEffects) {
      this.#settle(queue, stage, error)
      return 'passed'
    }
    if (!isTriedAgain) {
      marked.mark(partitionKey(position), position.offset, { kind: 'failed', stage, error })
    }
    throw this.#undo(error)
  }

  /**
   * What operators send at a commit failed, after so many records. With one record it is the one;
   * with more, the next commits take fewer, until it is. Returns what to throw.
   */
  commitFailed(thrown: unknown, unsealed: UnsealedRecords): unknown {
    const { marked, policies } = this.#options
    if (thrown instanceof RefusedTimestamps) return thrown
    const recordCount = unsealed.count
    const at = unsealed.last()
    if (at === null || recordCount === 0) return thrown
    const stage = stageOf(thrown, 'processing')
    const error = asRecordError(thrown, stage, at)
    if (judge(error, stage, policies) === 'throw') return thrown
    if (recordCount > 1) {
      marked.narrow(recordCount)
      return setAside(`what one of ${recordCount} records sends at the commit failed`, thrown)
    }
    if (!this.#markForRetry(at, error, stage)) {
      if (judge(error, stage, policies) === 'stop') return error
      marked.mark(partitionKey(at), at.offset, { kind: 'failed', stage, error })
    }
    return this.#undo(error)
  }

  #undo(error: MillraceError): MillraceError {
    this.#options.onFailure?.rolledBack(error.code)
    return setAside('a record failed half-way; what it did is undone', error)
  }

  #markForRetry(at: RecordPosition, error: MillraceError, stage: FailureStage): boolean {
    const { policies, marked, clock, logger } = this.#options
    const { retry } = policies
    if (stage !== 'processing' || retry === undefined || retry.retriesMax === 0) return false
    const key = partitionKey(at)
    const before = marked.at(key, at.offset)
    const retries = before?.kind === 'retry' ? before.retries + 1 : 1
    if (retries > retry.retriesMax) return false
    const backoffMs = retryBackoffMs(retry, retries)
    const notBeforeMs = clock.monotonicMs() + backoffMs
    marked.mark(key, at.offset, { kind: 'retry', retries, notBeforeMs })
    this.#options.onFailure?.retried(error.code)
    logger.warn({ err: error, retries, backoffMs }, 'a record failed and is tried again')
    return true
  }

  /** Carries the policy out on the record that was taken last. */
  #settle(queue: RecordQueue, stage: FailureStage, error: MillraceError): void {
    const { policies, deadLetters, clock, logger } = this.#options
    const verdict = judge(error, stage, policies)
    if (verdict === 'skip') {
      queue.skip(stage)
      logger.debug({ err: error }, 'a record is skipped')
      return
    }
    if (verdict !== 'dead-letter' || deadLetters === null) throw error
    queue.left.failed++
    deadLetters.send(queue.taken, positionOf(queue), error, clock.nowMs())
  }
}

/** The record that the queue gave out last, or whose turn it is. */
function positionOf({ source, taken }: RecordQueue): RecordPosition {
  return { topic: source.topic, partition: source.partition, offset: taken.offset }
}

export function setAside(message: string, cause: unknown): MillraceError {
  return new MillraceError('MILLRACE_RUNTIME_RECORD_SET_ASIDE', {
    message: `${message}: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  })
}

/** Whether tasks are to start again from the last commit because a record's effects must go. */
export function isSetAside(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'MILLRACE_RUNTIME_RECORD_SET_ASIDE'
}
