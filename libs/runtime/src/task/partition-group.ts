import type { RecordQueue } from './record-queue.ts'

export interface PartitionGroupOptions {
  /**
   * Kafka Streams' `max.task.idle.ms`: how long to wait for an empty partition once it is known to
   * be read to its end. 0 (default) waits only while more is known to come; -1 never waits.
   */
  readonly maxTaskIdleMs?: number | undefined
}

/**
 * Chooses the next record of a task: the head with the smallest timestamp, the first source on a
 * tie (Kafka Streams' `PartitionGroup`). Buffered records never move time.
 */
export class PartitionGroup {
  readonly queues: readonly RecordQueue[]
  readonly #maxTaskIdleMs: number
  #waitingSinceMs: number | null = null
  #nowMs = 0

  constructor(queues: readonly RecordQueue[], options: PartitionGroupOptions = {}) {
    this.queues = queues
    this.#maxTaskIdleMs = options.maxTaskIdleMs ?? 0
  }

  /** Monotonic time, told between chunks of records: the way of a record reads no clock. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs
  }

  /** Null where nothing can be processed now: nothing fetched, paused, or waiting for a partition. */
  next(): RecordQueue | null {
    const only = this.queues[0]
    if (this.queues.length === 1)
      return only !== undefined && only.hasHead && !only.isPaused ? only : null
    let best: RecordQueue | null = null
    let isComplete = true
    for (const queue of this.queues) {
      if (queue.isPaused) return null
      if (!queue.hasHead) isComplete = false
      else if (best === null || queue.headTimestampMs < best.headTimestampMs) best = queue
    }
    if (best === null) return null
    if (isComplete) this.#waitingSinceMs = null
    else if (!this.#mayGoOn()) return null
    return best
  }

  #mayGoOn(): boolean {
    if (this.#maxTaskIdleMs < 0) return true
    for (const queue of this.queues) {
      // More is known to come, or nothing is known yet: what comes may be older.
      if (!queue.hasHead && !queue.isAtStableEnd) return false
    }
    if (this.#maxTaskIdleMs === 0) return true
    this.#waitingSinceMs ??= this.#nowMs
    return this.#nowMs - this.#waitingSinceMs >= this.#maxTaskIdleMs
  }
}
