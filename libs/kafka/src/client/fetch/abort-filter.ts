import { readTransactionMarker } from '../../wire/control-batch.ts'
import type { RecordBatch } from '../../wire/record-batch.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

/**
 * Tells, batch by batch in the order of one fetch answer, which belong to aborted transactions
 * (Kafka's `CompletedFetch`; KIP-98).
 *
 * An aborted transaction of a producer begins at its first offset and ends at the producer's next
 * abort marker. The answer names all that may reach into it, in any order, also those that began
 * before the position; several can be open at once, and one producer can abort several times. Only
 * a control batch holds a marker: what a data record's key looks like means nothing.
 */
export class AbortFilter {
  readonly #aborted: readonly AbortedTransaction[]
  /** The next of `#aborted` to begin. */
  #next = 0
  /** Producers inside an aborted transaction at this place in the log. */
  readonly #open = new Set<number>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether the batch's records must not be delivered. Give each batch once, control batches too. */
  isAborted(batch: RecordBatch): boolean {
    this.#begin(batch.lastOffset)
    if (!batch.isTransactional) return false
    if (batch.isControl) {
      if (readTransactionMarker(batch) === 'abort') this.#open.delete(batch.producerId)
      return false
    }
    return this.#open.has(batch.producerId)
  }

  #begin(throughOffset: number): void {
    while (
      this.#next < this.#aborted.length &&
      this.#aborted[this.#next]!.firstOffset <= throughOffset
    ) {
      this.#open.add(this.#aborted[this.#next]!.producerId)
      this.#next++
    }
  }
}
