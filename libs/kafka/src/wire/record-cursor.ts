import type { Headers } from '@millrace/record'
import type { RecordBatch } from './record-batch.ts'

/**
 * Walks the records of one batch after the other without an object per record. After `next()` the
 * fields tell where the current record's parts lie in `buffer`; a null key or value has start -1.
 */
export interface RecordCursor {
  readonly buffer: Buffer
  readonly offset: number
  readonly timestampMs: number
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
  /** Goes to the front of a batch. */
  load(batch: RecordBatch): void
  /** Moves to the next record; false at the end of the batch. */
  next(): boolean
  /** Views into `buffer`; copy what outlives the batch. */
  key(): Buffer | null
  value(): Buffer | null
  /** Decoded on demand; header values are views too. */
  headers(): Headers
}
