import type { MillraceError } from '@millrace/errors'
import type { PartitionOffset } from '@millrace/kafka'
import { partitionKey } from '../assignment/task-definition.ts'
import type { FailureStage } from './failure-policies.ts'
import type { FailedResult } from './released-results.ts'

/** What is known of a record before it is processed. */
export type Mark =
  /** It failed, and is tried again. */
  | { readonly kind: 'retry'; readonly retries: number; readonly notBeforeMs: number }
  /** It failed for good, and what it did was undone: its policy is carried out, nothing else. */
  | { readonly kind: 'failed'; readonly stage: FailureStage; readonly error: MillraceError }
  /** It was further ahead of the clock than its source allows when its turn first came. */
  | { readonly kind: 'ahead' }
  /** An operator had it passed over. */
  | { readonly kind: 'skip'; readonly by: string; readonly reason: string }

/** No offset: nothing is marked. */
export const noMark = Number.POSITIVE_INFINITY

/** So many failures found since a commit are committed before the next is met. */
const failuresMax = 8

/** After so many commits in a row that went well, a failure that was being narrowed down is over. */
const quietCommitsMax = 16

/**
 * The records of one task that are not simply to be processed, by partition and offset. It outlives
 * the task: where a record's effects have to be undone, the task starts again from the last commit
 * and finds here what to do when it comes to the record. Bounded by what lies beyond that commit.
 */
export class MarkedRecords {
  readonly #marks = new Map<string, Map<number, Mark>>()
  /** Calls by time that failed and were undone: when they were made, by the schedule. */
  readonly #calls = new Map<number, number>()
  /** Results let go by time that failed and were undone, by what tells them apart. */
  readonly results = new Map<string, FailedResult>()
  #recordsPerCommitMax = Number.POSITIVE_INFINITY
  #quietCommits = 0

  /** Smallest marked offset of a partition at or after this one; Infinity where there is none. */
  nextOffset(key: string, from: number): number {
    let next = noMark
    for (const offset of this.#marks.get(key)?.keys() ?? [])
      if (offset >= from && offset < next) next = offset
    return next
  }

  at(key: string, offset: number): Mark | undefined {
    return this.#marks.get(key)?.get(offset)
  }

  mark(key: string, offset: number, mark: Mark): void {
    const marks = this.#marks.get(key) ?? new Map<number, Mark>()
    marks.set(offset, mark)
    this.#marks.set(key, marks)
    // Found: what a commit choked on needs no more narrowing.
    if (mark.kind === 'failed') this.#recordsPerCommitMax = Number.POSITIVE_INFINITY
  }

  /** The call of this schedule at that time is to be passed over when it comes again. */
  markCall(schedule: number, atMs: number): void {
    this.#calls.set(schedule, atMs)
  }

  /** Whether this call is the one to be passed over: once. By the wall clock it comes again later. */
  takeCall(schedule: number, nowMs: number): boolean {
    const atMs = this.#calls.get(schedule)
    if (atMs === undefined || nowMs < atMs) return false
    return this.#calls.delete(schedule)
  }

  /** A commit went well: what lies before these offsets is done with. */
  committed(offsets: readonly PartitionOffset[]): void {
    if (this.#recordsPerCommitMax < Number.POSITIVE_INFINITY) this.#wentWell()
    for (const [id, { isSettled }] of this.results) if (isSettled) this.results.delete(id)
    if (this.#marks.size === 0) return
    for (const position of offsets) {
      const key = partitionKey(position)
      const marks = this.#marks.get(key)
      if (marks === undefined) continue
      for (const offset of marks.keys()) if (offset < position.offset) marks.delete(offset)
      if (marks.size === 0) this.#marks.delete(key)
    }
  }

  /**
   * A failure that is found undoes all since the last commit. Where failures are so many that time for one
   * never comes, it has to be taken.
   */
  get isCrowded(): boolean {
    let count = 0
    for (const marks of this.#marks.values()) count += marks.size
    return count >= failuresMax
  }

  /** Records that may be processed between two commits, while a failure is narrowed down. */
  get recordsPerCommitMax(): number {
    return this.#recordsPerCommitMax
  }

  /** A commit of so many records failed by one of them: half as many the next time. */
  narrow(recordCount: number): void {
    this.#recordsPerCommitMax = Math.max(1, Math.floor(recordCount / 2))
    this.#quietCommits = 0
  }

  #wentWell(): void {
    this.#quietCommits++
    if (this.#quietCommits > quietCommitsMax) this.#recordsPerCommitMax = Number.POSITIVE_INFINITY
  }
}
