import { MillraceError } from '@millrace/errors'

/** Where a record failed: its bytes, a function of the topology, a result made from it. */
export type FailureStage = 'undecodable' | 'processing' | 'production'

/**
 * What to do with a record that failed: stop the worker at it; leave it out, counted; or send it to
 * the dead-letter topic. With the last two, state and results are as if it had never been there.
 */
export type FailurePolicy = 'stop' | 'skip' | 'dead-letter'

/** How often a record whose processing threw is tried again before its policy decides. */
export interface RetryPolicy {
  readonly retriesMax: number
  /** Before the first retry; doubles with each, up to a minute. */
  readonly backoffMs: number
}

export type FailurePolicies = { readonly [S in FailureStage]: FailurePolicy } & {
  readonly retry?: RetryPolicy
}

export interface FailureOptions {
  /** Must exist; it is written with the commit, before the offsets move. */
  readonly deadLetterTopic?: string | undefined
  /** Default of all three: `dead-letter` where there is a topic for it, else `stop`. */
  readonly onUndecodable?: FailurePolicy | undefined
  readonly onProcessingError?: FailurePolicy | undefined
  readonly onProductionError?: FailurePolicy | undefined
  /** Default 0. */
  readonly processingRetries?: number | undefined
  /** Default 1,000; doubles with each retry, up to a minute. */
  readonly processingRetryBackoffMs?: number | undefined
}

/**
 * The options, each with a value. Throws `MILLRACE_CONFIG_INVALID` for a policy that asks for a topic where there is none.
 */
export function failurePolicies(options: FailureOptions): FailurePolicies {
  const { onUndecodable, onProcessingError, onProductionError, deadLetterTopic } = options
  const asked = [onUndecodable, onProcessingError, onProductionError]
  if (deadLetterTopic === undefined && asked.includes('dead-letter')) {
    throw new MillraceError('MILLRACE_CONFIG_INVALID', {
      message: 'records are to be dead-lettered and no dead-letter topic is named',
    })
  }
  const fallback: FailurePolicy = deadLetterTopic === undefined ? 'stop' : 'dead-letter'
  return {
    undecodable: onUndecodable ?? fallback,
    processing: onProcessingError ?? fallback,
    production: onProductionError ?? fallback,
    retry: {
      retriesMax: options.processingRetries ?? 0,
      backoffMs: options.processingRetryBackoffMs ?? 1_000,
    },
  }
}

const backoffMaxMs = 60_000

/** The pause before a retry; the first is number 1. */
export function retryBackoffMs({ backoffMs }: RetryPolicy, retry: number): number {
  return Math.min(backoffMs * 2 ** Math.min(retry - 1, 30), backoffMaxMs)
}
