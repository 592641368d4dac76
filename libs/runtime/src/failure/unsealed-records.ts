import type { RecordPosition } from '@millrace/errors'
import type { RecordQueue } from '../task/record-queue.ts'

/**
 * The records that a task has processed since its last seal: how many, and which one last. Markers,
 * and records that were passed over, are none of them: where a commit fails, they have no part in it.
 */
export class UnsealedRecords {
  count = 0
  #queue: RecordQueue | null = null
  #offset = -1
  #queueBefore: RecordQueue | null = null
  #offsetBefore = -1

  /** The record that the queue gave out last is processed. */
  take(queue: RecordQueue): void {
    this.count++
    this.#queueBefore = this.#queue
    this.#offsetBefore = this.#offset
    this.#queue = queue
    this.#offset = queue.taken.offset
  }

  /** The last one was put back: it has done nothing. */
  giveBack(): void {
    this.count--
    this.#queue = this.#queueBefore
    this.#offset = this.#offsetBefore
  }

  clear(): void {
    this.count = 0
    this.#queue = null
  }

  /** The last one; null where there is none. */
  last(): RecordPosition | null {
    if (this.#queue === null) return null
    const { topic, partition } = this.#queue.source
    return { topic, partition, offset: this.#offset }
  }
}
