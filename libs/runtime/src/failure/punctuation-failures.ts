import { MillraceError } from '@millrace/errors'
import type { Logger } from '@millrace/telemetry'
import type { CompiledNode } from '../task/compiled-node.ts'
import type { PunctuationCall } from '../task/punctuations.ts'
import type { Effects, NodeCounts } from '../task/receiver.ts'
import { type FailureObserver, setAside } from './failure-handler.ts'
import type { FailurePolicies } from './failure-policies.ts'
import type { MarkedRecords } from './marked-records.ts'
import { judge } from './record-failure.ts'

export interface PunctuationFailuresOptions {
  readonly policies: FailurePolicies
  readonly marked: MarkedRecords
  readonly effects: Effects
  readonly counts: readonly NodeCounts[]
  readonly logger: Logger
  readonly onFailure?: FailureObserver | undefined
}

/**
 * Calls of functions that are called by time. One that throws goes by the policy for processing: with
 * `skip` and `dead-letter` (there is no record to send) the call is passed over. What it had done is
 * undone as with a record: the tasks start again from the last commit, where it is marked.
 */
export class PunctuationFailures {
  readonly #options: PunctuationFailuresOptions

  constructor(options: PunctuationFailuresOptions) {
    this.#options = options
  }

  run(call: PunctuationCall, nowMs: number): void {
    const { marked, effects } = this.#options
    if (marked.takeCall(call.id, nowMs)) return
    const effectsBefore = effects.count
    try {
      call.punctuate(nowMs, call.collector)
    } catch (error) {
      // A function that was called may have written to the stores of its operator.
      const { node } = call.collector as CompiledNode
      const hasEffects = node.stores.length > 0 || effects.count !== effectsBefore
      this.#failed(call, nowMs, error, hasEffects)
    }
  }

  #failed(call: PunctuationCall, nowMs: number, thrown: unknown, hasEffects: boolean): void {
    const { policies, marked, logger, onFailure, counts } = this.#options
    const { name } = call.collector as CompiledNode
    const error = asProcessingError(thrown, name)
    const verdict = judge(error, 'processing', policies)
    if (verdict === 'throw' || verdict === 'stop') throw error
    onFailure?.punctuationFailed(name)
    logger.warn(
      { err: error, operator: name, atMs: nowMs },
      'a call by time failed and is passed over',
    )
    if (hasEffects) {
      marked.markCall(call.id, nowMs)
      onFailure?.rolledBack(error.code)
      throw setAside('a call by time failed half-way; what it did is undone', error)
    }
    for (const node of counts) node.failed = node.received - node.completed
  }
}

function asProcessingError(thrown: unknown, operator: string): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const message = `a call by time of operator ${operator} threw: ${reason}`
  return new MillraceError('MILLRACE_RUNTIME_PROCESSING_FAILED', { message, cause: thrown })
}
