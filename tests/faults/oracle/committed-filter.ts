import type { LogBatch, LogRecord } from './record-batches.ts'

/**
 * What a committed reader may see, decided by the markers in the log alone: the records of a
 * producer wait for its next marker. The broker's list of aborted transactions, by which Millrace
 * itself decides, is not looked at.
 */
export class CommittedFilter {
  readonly #open = new Map<bigint, LogRecord[]>()
  readonly #committed: LogRecord[] = []
  /** Records that an abort marker took away. */
  aborted = 0

  add(batch: LogBatch): void {
    if (!batch.isTransactional) {
      this.#committed.push(...batch.records)
      return
    }
    const open = this.#open.get(batch.producerId) ?? []
    if (batch.marker === null) {
      open.push(...batch.records)
      this.#open.set(batch.producerId, open)
      return
    }
    this.#open.delete(batch.producerId)
    if (batch.marker === 'commit') this.#committed.push(...open)
    else this.aborted += open.length
  }

  /** Records of transactions that no marker has ended. */
  get undecided(): number {
    return [...this.#open.values()].reduce((sum, records) => sum + records.length, 0)
  }

  /** In the order of their offsets, which is that of the topic. */
  committed(): readonly LogRecord[] {
    return this.#committed.toSorted((a, b) => a.offset - b.offset)
  }
}
