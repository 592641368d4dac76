import type { TopicPartition } from '@millrace/record'
import { Change } from '../produce/change.ts'
import type { PartitionQueue } from '../produce/partition-queue.ts'

export interface PartitionRegistrationOptions {
  readonly add: (partitions: readonly TopicPartition[]) => Promise<void>
  readonly queues: () => readonly PartitionQueue[]
  readonly onAdded: () => void
  readonly onError: (error: Error) => void
}

/**
 * Puts each partition into the transaction before the first batch for it is sent. One request at a
 * time; each takes along every partition that has records by then.
 */
export class PartitionRegistration {
  readonly #options: PartitionRegistrationOptions
  readonly #settled = new Change()
  #transaction = 0
  #isAdding = false
  #isExpected = false
  #isConfirmed = false

  constructor(options: PartitionRegistrationOptions) {
    this.#options = options
  }

  /** A request that puts something into this transaction has been sent. */
  get isExpected(): boolean {
    return this.#isExpected
  }

  /** … and was answered with success. */
  get isConfirmed(): boolean {
    return this.#isConfirmed
  }

  begin(): void {
    this.#transaction++
    this.#isExpected = false
    this.#isConfirmed = false
  }

  expect(): void {
    this.#isExpected = true
  }

  confirm(): void {
    this.#isConfirmed = true
  }

  /** Whether the partition is in the transaction; if not, it is being put there. */
  admits(queue: PartitionQueue): boolean {
    if (queue.addedToTransaction === this.#transaction) return true
    if (!this.#isAdding) void this.#add()
    return false
  }

  /** Resolves when no request is under way. */
  async settled(): Promise<void> {
    while (this.#isAdding) await this.#settled.next()
  }

  async #add(): Promise<void> {
    this.#isAdding = true
    // Later in this turn more batches may be sealed: a flush seals them all.
    await Promise.resolve()
    const queues = this.#options
      .queues()
      .filter((queue) => !queue.isEmpty && queue.addedToTransaction !== this.#transaction)
    let failure: unknown = null
    try {
      this.expect()
      await this.#options.add(queues.map(({ topic, partition }) => ({ topic, partition })))
      this.confirm()
      for (const queue of queues) queue.addedToTransaction = this.#transaction
    } catch (error) {
      failure = error
    }
    this.#isAdding = false
    this.#settled.tell()
    if (failure === null) this.#options.onAdded()
    else this.#options.onError(failure as Error)
  }
}
