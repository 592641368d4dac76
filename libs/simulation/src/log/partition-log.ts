import { assert } from '@millrace/errors'
import {
  encodeControlBatch,
  parseRecordBatches,
  type RecordBatch,
  stampOffset,
  type TransactionMarker,
} from '@millrace/kafka'
import { ProducerStates } from './producer-states.ts'

/** An aborted transaction's place in one partition (Kafka's `AbortedTxn`). */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
  /** The marker's offset. */
  readonly lastOffset: number
}

export interface Marker {
  readonly marker: TransactionMarker
  readonly producerId: number
  readonly producerEpoch: number
  readonly timestampMs: number
}

/**
 * One partition: record batches in bytes, just as a broker keeps and sends them. Replication is
 * perfect, so the high watermark is always the end. Batches are kept in memory until
 * `deleteBefore`; nothing expires by itself.
 */
export class PartitionLog {
  readonly producers = new ProducerStates()
  /** In order of their offsets; each batch's `buffer` holds its bytes and nothing else. */
  #batches: RecordBatch[] = []
  #aborted: AbortedTransaction[] = []
  #startOffset = 0
  #endOffset = 0
  readonly #watchers = new Set<() => void>()

  get startOffset(): number {
    return this.#startOffset
  }

  /** The next offset to be written; also the high watermark. */
  get endOffset(): number {
    return this.#endOffset
  }

  /** Where a read-committed reader stops: the first record of the earliest open transaction, or the end. */
  get lastStableOffset(): number {
    return this.producers.firstOpenOffset() ?? this.#endOffset
  }

  get batches(): readonly RecordBatch[] {
    return this.#batches
  }

  get aborted(): readonly AbortedTransaction[] {
    return this.#aborted
  }

  /** Appends a batch that was judged appendable; takes over the buffer. */
  append(encoded: Buffer, leaderEpoch: number): RecordBatch {
    stampOffset(encoded, this.#endOffset, leaderEpoch)
    const batch = parseStored(encoded)
    this.producers.appended(batch)
    this.#push(batch)
    return batch
  }

  /** Ends a producer's transaction with a control batch. */
  appendMarker({ marker, producerId, producerEpoch, timestampMs }: Marker): void {
    const encoded = encodeControlBatch({
      marker,
      producerId,
      producerEpoch,
      coordinatorEpoch: 0,
      timestampMs,
      baseOffset: this.#endOffset,
    })
    const batch = parseStored(encoded)
    const firstOffset = this.producers.ended(producerId, producerEpoch)
    if (marker === 'abort' && firstOffset !== null) {
      this.#aborted.push({ producerId, firstOffset, lastOffset: batch.baseOffset })
    }
    this.#push(batch)
  }

  /** Position in `batches` of the first batch that ends at or after the offset. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#batches[middle]!.lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  isAborted(batch: RecordBatch): boolean {
    if (!batch.isTransactional) return false
    return this.#aborted.some(
      (entry) =>
        entry.producerId === batch.producerId &&
        entry.firstOffset <= batch.baseOffset &&
        batch.baseOffset < entry.lastOffset,
    )
  }

  /** Moves the log's start; batches wholly below it go. */
  deleteBefore(offset: number): void {
    assert(offset <= this.#endOffset, `delete before ${offset}, beyond the end ${this.#endOffset}`)
    this.#startOffset = Math.max(this.#startOffset, offset)
    this.#batches.splice(0, this.indexOf(this.#startOffset))
    this.#aborted = this.#aborted.filter((entry) => entry.lastOffset >= this.#startOffset)
    this.changed()
  }

  /**
   * Cuts the log's end off, as an unclean leader election does. Producers are forgotten, open
   * transactions with them.
   */
  truncate(endOffset: number): void {
    this.#batches = this.#batches.filter((batch) => batch.lastOffset < endOffset)
    this.#aborted = this.#aborted.filter((entry) => entry.lastOffset < endOffset)
    this.#endOffset = Math.max(endOffset, this.#startOffset)
    this.producers.forgetAll()
    this.changed()
  }

  /** Puts the cleaner's result in place of what it read: the batches that end below `untilOffset`. */
  replaceBelow(
    untilOffset: number,
    cleaned: readonly RecordBatch[],
    aborted: AbortedTransaction[],
  ): void {
    this.#batches.splice(0, this.indexOf(untilOffset), ...cleaned)
    this.#aborted = aborted
    this.changed()
  }

  /** Calls back whenever something readable may have changed; returns the way to stop. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    return () => this.#watchers.delete(onChange)
  }

  changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  #push(batch: RecordBatch): void {
    this.#batches.push(batch)
    this.#endOffset = batch.lastOffset + 1
    this.changed()
  }
}

/** Reads the header of one batch that fills its buffer. */
export function parseStored(encoded: Buffer): RecordBatch {
  return parseRecordBatches(encoded, 0, encoded.length, { verifyCrc: false })[0]!
}
