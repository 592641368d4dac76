import { MillraceError } from '@millrace/errors'
import type { CancelTimer, Clock } from '@millrace/time'
import { partitionName } from '../partition-name.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** Watches that no sealed batch waits longer than the delivery time-out. One timer for all of them. */
export class DeliveryDeadline {
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #queues: () => readonly PartitionQueue[]
  readonly #onOverdue: (error: Error) => void
  #cancel: CancelTimer | null = null

  constructor(options: {
    readonly clock: Clock
    readonly timeoutMs: number
    readonly queues: () => readonly PartitionQueue[]
    readonly onOverdue: (error: Error) => void
  }) {
    this.#clock = options.clock
    this.#timeoutMs = options.timeoutMs
    this.#queues = options.queues
    this.#onOverdue = options.onOverdue
  }

  watch(): void {
    this.#cancel ??= this.#clock.setTimer(this.#timeoutMs, () => this.#check())
  }

  rest(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  #check(): void {
    this.#cancel = null
    let oldestMs = Number.POSITIVE_INFINITY
    for (const queue of this.#queues()) {
      const first = queue.batches[0]
      if (first === undefined) continue
      const waitedMs = this.#clock.monotonicMs() - first.sealedAtMs
      if (waitedMs >= this.#timeoutMs) return this.#onOverdue(overdueError(queue, this.#timeoutMs))
      oldestMs = Math.min(oldestMs, first.sealedAtMs)
    }
    if (oldestMs === Number.POSITIVE_INFINITY) return
    const leftMs = oldestMs + this.#timeoutMs - this.#clock.monotonicMs()
    this.#cancel = this.#clock.setTimer(leftMs, () => this.#check())
  }
}

function overdueError(queue: PartitionQueue, timeoutMs: number): MillraceError {
  const { attempts, lastError } = queue.batches[0]!
  return new MillraceError('MILLRACE_KAFKA_DELIVERY_TIMEOUT', {
    message: `a batch for ${partitionName(queue)} was not acknowledged within ${timeoutMs} ms (attempts: ${attempts})`,
    cause: lastError,
  })
}
