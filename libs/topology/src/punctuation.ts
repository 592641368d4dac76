import type { Collector } from './processor.ts'

/**
 * When a function of an operator is called without a record (Kafka Streams' `Punctuator`).
 *
 * By stream time: aligned to 0, so for the first time with the first record; looked at after each
 * record. By the wall clock: counted from the start of the task. Intervals that passed unseen are
 * one call, with the time there is.
 */
export interface PunctuationSchedule {
  readonly everyMs: number
  readonly by: 'stream-time' | 'wall-clock'
}

/** Called with the time that its schedule looks at. */
export type Punctuate = (nowMs: number, collector: Collector) => void

/** Ends a schedule. */
export type CancelPunctuation = () => void
