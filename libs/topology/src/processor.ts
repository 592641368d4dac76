import type { Record } from '@millrace/record'
import type { Store } from '@millrace/store'
import type { Window } from '@millrace/time'
import type { GlobalRows } from './global-table.ts'
import type { CancelPunctuation, Punctuate, PunctuationSchedule } from './punctuation.ts'
import type { TaskId } from './task-id.ts'

/** Why an operator leaves a record out; the label of `millrace_records_dropped_total`. */
export type DropReason =
  | 'null-key'
  | 'null-value'
  | 'negative-timestamp'
  /** Before the start of the only window there is (`unlimited`). */
  | 'before-window'
  /** A version of a row that is older than the latest of its key. */
  | 'out-of-order'
  /** A version of a row that is older than the history its table keeps. */
  | 'expired'
  /** A row of a foreign-key join that names no foreign key, and did not before. */
  | 'null-foreign-key'
  /** One like it has passed (`dedupe`). */
  | 'duplicate'
  /** A result let go by time that could not be made, or failed behind its operator. */
  | 'failed-result'
  /** A function of an alert rule threw; the rule is an alert then. */
  | 'failed-rule'

export interface LateRecord {
  readonly window: Window
  readonly closesAtMs: number
  readonly streamTimeMs: number
}

/** The way on from an operator: implemented by the engine, handed to `process`. */
export interface Collector<K = unknown, V = unknown> {
  /** To every child, in order, run to completion before it returns. */
  forward(record: Record<K, V>): void
  /** To the child with this index in the node's `children`. */
  forwardTo(child: number, record: Record<K, V>): void
  /**
   * Sends a result that time lets go, not the record under way: `send` makes and forwards it, and
   * changes nothing else. Where it throws, or what is behind does, this result alone is skipped or
   * dead-lettered by the policy; with `stop` it throws on. `key` and time tell it apart.
   */
  release(key: unknown, timestampMs: number, send: () => void): void
  /** The record (for this window) came after the close: counted, and to the node's late topic where it has one. */
  late(record: Record<unknown, unknown>, late: LateRecord): void
  /** The record is left out: counted by reason. */
  drop(record: Record<unknown, unknown>, reason: DropReason): void
}

/**
 * Stream time of one operator, kept with its store through restarts (decision 7). Fed by source
 * topics it is the largest timestamp observed; fed by a repartition topic, the smallest time over
 * the upstream tasks (decision 12).
 */
export interface OperatorTime {
  /** Takes the current record in; returns the stream time including it. -1 before the first. */
  observe(timestampMs: number): number
  readonly streamTimeMs: number
}

export interface ProcessorContext {
  readonly taskId: TaskId
  readonly nodeName: string
  /** One of the stores that the node declares. */
  store<K, V>(name: string): Store<K, V>
  /** One of the global tables that the node declares. */
  globalTable<K, V>(name: string): GlobalRows<K, V>
  /** Calls a function at times; what it forwards goes to this operator's children. */
  schedule(schedule: PunctuationSchedule, punctuate: Punctuate): CancelPunctuation
  /** Of the whole task: the largest timestamp it processed, as a rule; -1 before the first. */
  readonly streamTimeMs: number
  /**
   * While a record is processed: hands the answer of the call that was made for it on, as the whole
   * of what is done with it; throws what the call rejected with. Only for nodes with `calls`.
   */
  answered(then: (answer: unknown) => void): void
  /** The stream time that is kept in this store. */
  time(storeName: string): OperatorTime
}

/** One operator of one task. Synchronous; never keeps a record beyond the call. */
export interface Processor<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> {
  init?(context: ProcessorContext): void
  process(record: Record<KIn, VIn>, collector: Collector<KOut, VOut>): void
  /** Stream time moved without a record for this operator: forward what is due by now. */
  advance?(collector: Collector<KOut, VOut>): void
  /** At the seal of a commit, in topological order: forward what was held back since the last one. */
  flush?(collector: Collector<KOut, VOut>): void
  close?(): void
}
