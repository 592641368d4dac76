import type { Record } from '@millrace/record'

/** A node of a running task, as the node before it sees it. */
export interface Receiver {
  readonly name: string
  receive(record: Record<unknown, unknown>): void
}

/**
 * Counts of one node since the task started. Plain fields: the way of a record touches no metric;
 * what they grew by is published at each commit.
 */
export interface NodeCounts {
  /** Records that came in. */
  received: number
  /** Records whose processing returned. */
  completed: number
  /** Records whose processing threw; see `FailureHandler`. */
  failed: number
}

/** Of one task: what its records did so far that would have to be undone. Only ever grows. */
export interface Effects {
  /** Operators with a store entered, results appended, records left out or late. */
  count: number
}
