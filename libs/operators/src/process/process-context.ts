import type { Headers, Record } from '@millrace/record'
import type { Duration } from '@millrace/time'
import type { CancelPunctuation, TaskId } from '@millrace/topology'

/** A record to be forwarded; what is left out is that of the record under way. */
export interface ForwardedRecord<K, V> {
  readonly key: K
  readonly value: V
  /** In a punctuation: its time. */
  readonly timestampMs?: number
  /** In a punctuation: none. */
  readonly headers?: Headers
}

export interface PunctuationOptions {
  readonly every: Duration
  /**
   * `stream-time`: aligned to 0, for the first time with the first record. `wall-clock`: counted
   * from the task's start. Intervals that passed unseen are one call.
   */
  readonly by: 'stream-time' | 'wall-clock'
}

/** What the functions given to `process()` have at hand. */
export interface ProcessContext<K, V, S, O extends string> {
  readonly taskId: TaskId
  /** The stores that were declared, by their names. */
  readonly stores: S
  /** Of the task: the largest timestamp it processed, as a rule; -1 before the first record. */
  readonly streamTimeMs: number
  /** To everything behind, or to one of the outputs. Only while a record or punctuation is under way. */
  forward(this: void, record: ForwardedRecord<K, V>, to?: O): void
  /** Calls a function at times; gives a function that ends it. */
  schedule(
    this: void,
    options: PunctuationOptions,
    punctuate: (nowMs: number) => void,
  ): CancelPunctuation
}

/** What the user's function makes for each task. */
export interface RecordProcessor<K, V> {
  process(this: void, record: Record<K, V>): void
  close?(this: void): void
}
