import { BatchCursor, type RecordBatch } from '@millrace/kafka'
import type { TakenRecord } from '../task/record-queue.ts'

/** Reads the records of a queue ahead of their turn; the queue goes its own way meanwhile. */
export class RecordReader {
  readonly #batchesFrom: (offset: number) => readonly RecordBatch[]
  readonly #cursor = new BatchCursor()
  #batch: RecordBatch | undefined
  #next: number

  /** `batchesFrom`: those with records at or behind an offset, in order. */
  constructor(batchesFrom: (offset: number) => readonly RecordBatch[], fromOffset: number) {
    this.#batchesFrom = batchesFrom
    this.#next = fromOffset
  }

  /** The offset that is read next, or one before it. */
  get position(): number {
    return this.#next
  }

  /** What lies before is of no interest any more. */
  passTo(offset: number): void {
    if (offset > this.#next) this.#next = offset
  }

  /** The next record; undefined where no more is there yet. */
  read(): TakenRecord | undefined {
    for (;;) {
      while (this.#batch !== undefined && this.#cursor.next()) {
        if (this.#cursor.offset < this.#next) continue
        this.#next = this.#cursor.offset + 1
        return {
          offset: this.#cursor.offset,
          timestampMs: this.#cursor.timestampMs,
          key: this.#cursor.key(),
          value: this.#cursor.value(),
          headers: this.#cursor.headers(),
        }
      }
      if (this.#batch !== undefined && this.#batch.lastOffset >= this.#next) {
        this.#next = this.#batch.lastOffset + 1
      }
      this.#batch = this.#batchesFrom(this.#next)[0]
      if (this.#batch === undefined) return undefined
      this.#cursor.load(this.#batch)
    }
  }
}
