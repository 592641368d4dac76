import { MillraceError } from '@millrace/errors'
import type { CancelTimer } from '@millrace/time'
import type { ProduceAnswer } from '../../ports/transport.ts'
import { errorFor, isRetriable } from '../../wire/classify.ts'
import { kafkaError } from '../../wire/error-codes.ts'
import { closedError } from '../closing.ts'
import type { Connection } from '../connection.ts'
import { noLeader } from '../metadata/topic-metadata.ts'
import { partitionName } from '../partition-name.ts'
import { backoffMs, isRetriableError } from '../retry.ts'
import type { Accumulator } from './accumulator.ts'
import { Change } from './change.ts'
import { DeliveryDeadline } from './delivery-deadline.ts'
import { type PartitionQueue, unknownOffset } from './partition-queue.ts'
import { refusedTimestamps } from './refused-records.ts'

export interface SenderOptions {
  readonly connection: Connection
  readonly transactionalId: string | null
  readonly deliveryTimeoutMs: number
  /** Whether the queue's first batch may be sent now. Who says no calls `drain` when it may. */
  readonly admits: (queue: PartitionQueue) => boolean
  /** Given a refusal that is final for these bytes; true where it made the queue's first batch fit to be sent again. */
  readonly mends: (queue: PartitionQueue, errorCode: number) => boolean
  /** Called with the first error that did not pass. */
  readonly onFailure: (error: Error) => void
}

const inFlightPerLeaderMax = 5
const requestMaxBytes = 8 << 20
const requestTimeoutMs = 30_000

/**
 * Sends sealed batches to the partitions' leaders. At most one batch of a partition is under way,
 * which keeps the order through every retry; many partitions share a request, and up to five
 * requests to a leader are under way at once.
 */
export class Sender {
  readonly #options: SenderOptions
  readonly #accumulator: Accumulator
  /** Queues whose first batch can be sent as soon as it is admitted and has a leader. */
  readonly #ready = new Set<PartitionQueue>()
  readonly #acknowledged = new Set<PartitionQueue>()
  readonly #inFlight = new Map<number, number>()
  readonly #backoffs = new Set<CancelTimer>()
  readonly #deadline: DeliveryDeadline
  readonly #settled = new Change()
  readonly #forgetRefresh: () => void
  #pendingBatches = 0
  #requestsInFlight = 0
  #failure: Error | null = null

  constructor(accumulator: Accumulator, options: SenderOptions) {
    const { connection, deliveryTimeoutMs } = options
    this.#accumulator = accumulator
    this.#options = options
    this.#deadline = new DeliveryDeadline({
      clock: connection.clock,
      timeoutMs: deliveryTimeoutMs,
      queues: () => accumulator.queues,
      onOverdue: (error) => this.fail(error),
    })
    this.#forgetRefresh = connection.metadata.onRefresh((error) => {
      if (error === null) this.drain()
      else if (this.#pendingBatches > 0) this.fail(error)
    })
  }

  get failure(): Error | null {
    return this.#failure
  }

  /** A batch of the queue was sealed. */
  enqueue(queue: PartitionQueue): void {
    this.#pendingBatches++
    if (!queue.isInFlight && !queue.isBackingOff) this.#ready.add(queue)
    this.#deadline.watch()
  }

  /** Sends what can be sent. */
  drain(): void {
    if (this.#failure !== null || this.#ready.size === 0) return
    for (const [nodeId, queues] of this.#byLeader()) {
      let from = 0
      while (from < queues.length && (this.#inFlight.get(nodeId) ?? 0) < inFlightPerLeaderMax) {
        const end = requestEnd(queues, from)
        void this.#send(nodeId, queues.slice(from, end))
        from = end
      }
    }
  }

  /** Resolves when everything sealed is acknowledged; rejects with the failure. */
  async delivered(): Promise<void> {
    while (this.#pendingBatches > 0 && this.#failure === null) await this.#settled.next()
    if (this.#failure !== null) throw this.#failure
  }

  /** Resolves when no request is under way, whatever its outcome. */
  async quiet(): Promise<void> {
    while (this.#requestsInFlight > 0) await this.#settled.next()
  }

  /** The queues with acknowledgements since the last call. */
  takeAcknowledged(): readonly PartitionQueue[] {
    const queues = [...this.#acknowledged]
    this.#acknowledged.clear()
    return queues
  }

  /** Sends nothing more until the reset; requests under way come to their end. */
  halt(): void {
    this.#failure ??= new MillraceError('MILLRACE_KAFKA_ABORTABLE', {
      message: 'the transaction is being given up',
    })
    this.#stopTimers()
    this.#settled.tell()
  }

  /** Stops sending; who waits for the delivery is rejected. The first failure counts. */
  fail(error: Error): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#stopTimers()
    this.#options.onFailure(error)
    this.#settled.tell()
  }

  /** Drops what was not acknowledged and can send again. Only while `quiet`. */
  reset(): void {
    this.#failure = null
    this.#pendingBatches = 0
    this.#ready.clear()
    this.#acknowledged.clear()
    this.#stopTimers()
    this.#accumulator.clear()
  }

  close(): void {
    this.#forgetRefresh()
    this.#failure ??= closedError()
    this.#stopTimers()
    this.#settled.tell()
  }

  /** Ready and admitted queues; those without a known leader wait for metadata. */
  #byLeader(): ReadonlyMap<number, PartitionQueue[]> {
    const { connection, admits } = this.#options
    const groups = new Map<number, PartitionQueue[]>()
    for (const queue of this.#ready) {
      if (!admits(queue)) continue
      const leader = connection.metadata.leader(queue.topic, queue.partition)
      if (leader === noLeader) {
        const error = connection.metadata.topicError(queue.topic)
        if (error === null) connection.metadata.refreshSoon(queue.topic)
        else this.fail(error)
        continue
      }
      const group = groups.get(leader)
      if (group === undefined) groups.set(leader, [queue])
      else group.push(queue)
    }
    return this.#failure === null ? groups : new Map()
  }

  async #send(nodeId: number, queues: readonly PartitionQueue[]): Promise<void> {
    this.#count(nodeId, 1)
    const batches = queues.map((queue) => {
      this.#ready.delete(queue)
      queue.isInFlight = true
      const first = queue.batches[0]!
      first.attempts++
      return { topic: queue.topic, partition: queue.partition, batch: first.bytes }
    })
    const { connection, transactionalId } = this.#options
    let answers: readonly ProduceAnswer[] = []
    let lost: unknown = null
    try {
      answers = await connection.transport.produce(nodeId, {
        transactionalId,
        timeoutMs: requestTimeoutMs,
        batches,
      })
    } catch (error) {
      lost = error
    }
    this.#count(nodeId, -1)
    const byName = new Map(answers.map((answer) => [partitionName(answer), answer]))
    for (const queue of queues) {
      queue.isInFlight = false
      const answer = byName.get(partitionName(queue))
      if (answer === undefined) this.#failed(queue, (lost ?? noAnswerError(nodeId)) as Error)
      else this.#settle(queue, answer)
    }
    this.#settled.tell()
    this.drain()
  }

  #count(nodeId: number, change: 1 | -1): void {
    this.#inFlight.set(nodeId, (this.#inFlight.get(nodeId) ?? 0) + change)
    this.#requestsInFlight += change
  }

  #settle(queue: PartitionQueue, answer: ProduceAnswer): void {
    const { topic, partition, errorCode, baseOffset } = answer
    switch (errorCode) {
      case kafkaError.NONE:
        return this.#acknowledge(queue, baseOffset)
      case kafkaError.DUPLICATE_SEQUENCE_NUMBER:
        // In the log since an attempt whose answer was lost, too long ago to say where.
        return this.#acknowledge(queue, unknownOffset)
      case kafkaError.MESSAGE_TOO_LARGE:
      case kafkaError.RECORD_LIST_TOO_LARGE:
        // The limit of a topic holds for batches; each of the records may be within it.
        if (this.#accumulator.split(queue)) {
          this.#pendingBatches++
          this.#ready.add(queue)
          return
        }
        return this.#failed(queue, errorFor(errorCode, 'writing', { topic, partition }))
      case kafkaError.INVALID_TIMESTAMP:
        return this.#failed(queue, refusedTimestamps(queue.batches[0]!.bytes, answer))
      default:
        if (!isRetriable(errorCode) && this.#options.mends(queue, errorCode)) this.#ready.add(queue)
        else this.#failed(queue, errorFor(errorCode, 'writing', { topic, partition }))
    }
  }

  #acknowledge(queue: PartitionQueue, baseOffset: number): void {
    this.#accumulator.acknowledge(queue, baseOffset)
    this.#acknowledged.add(queue)
    if (queue.batches.length > 0) this.#ready.add(queue)
    this.#pendingBatches--
    if (this.#pendingBatches === 0) this.#deadline.rest()
  }

  #failed(queue: PartitionQueue, error: Error): void {
    if (!isRetriableError(error)) return this.fail(error)
    if (this.#failure !== null) return
    const { connection } = this.#options
    const first = queue.batches[0]!
    first.lastError = error
    connection.metadata.refreshSoon(queue.topic)
    const delayMs = backoffMs(first.attempts)
    connection.logger.debug(
      { err: error, partition: partitionName(queue), delayMs },
      'batch not written; sending it again',
    )
    queue.isBackingOff = true
    const cancel = connection.clock.setTimer(delayMs, () => {
      this.#backoffs.delete(cancel)
      queue.isBackingOff = false
      this.#ready.add(queue)
      this.drain()
    })
    this.#backoffs.add(cancel)
  }

  #stopTimers(): void {
    this.#deadline.rest()
    for (const cancel of this.#backoffs) cancel()
    this.#backoffs.clear()
  }
}

/** One past the last queue whose first batch still fits into the request that begins with `from`. */
function requestEnd(queues: readonly PartitionQueue[], from: number): number {
  let sizeBytes = queues[from]!.batches[0]!.bytes.length
  let end = from + 1
  while (end < queues.length) {
    sizeBytes += queues[end]!.batches[0]!.bytes.length
    if (sizeBytes > requestMaxBytes) break
    end++
  }
  return end
}

function noAnswerError(nodeId: number): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', {
    message: `broker ${nodeId} did not answer for the partition`,
  })
}
