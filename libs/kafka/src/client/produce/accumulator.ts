import { MillraceError } from '@millrace/errors'
import type { Headers } from '@millrace/record'
import type { Clock } from '@millrace/time'
import { recordSizeMax } from '../../wire/record-batch-writer.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { ProducerIdentity } from './producer-identity.ts'
import { noIdentity } from './producer-identity.ts'

export interface AccumulatorOptions {
  readonly clock: Clock
  readonly batchMaxBytes: number
  readonly recordMaxBytes: number
  readonly isTransactional: boolean
  /** Called with the queue of each sealed batch. */
  readonly onSealed: (queue: PartitionQueue) => void
}

/** Where records wait to be sent: one queue per partition, found without making a key. */
export class Accumulator {
  readonly #options: AccumulatorOptions
  readonly #topics = new Map<string, PartitionQueue[]>()
  readonly #queues: PartitionQueue[] = []
  #lastTopic = ''
  #lastQueues: PartitionQueue[] = []
  #identity = noIdentity
  #bufferedBytes = 0

  constructor(options: AccumulatorOptions) {
    this.#options = options
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Of every partition written so far. */
  get queues(): readonly PartitionQueue[] {
    return this.#queues
  }

  /** True where a batch became full and can be sent. */
  append(
    topic: string,
    partition: number,
    key: Buffer | null,
    value: Buffer | null,
    timestampMs: number,
    headers: Headers,
  ): boolean {
    const sizeMax = recordSizeMax(key, value, headers)
    if (sizeMax > this.#options.recordMaxBytes)
      throw tooLarge(topic, partition, sizeMax, this.#options.recordMaxBytes)
    if (!(timestampMs >= 0)) throw impossibleTime(topic, partition, timestampMs)
    const queue = this.#queue(topic, partition)
    const batchMaxBytes = Math.min(this.#options.batchMaxBytes, queue.batchMaxBytes)
    const hasNoRoom = queue.hasOpenRecords && queue.openBytes + sizeMax > batchMaxBytes
    if (hasNoRoom) this.#seal(queue)
    const bytesBefore = queue.openBytes
    queue.append(key, value, timestampMs, headers)
    this.#bufferedBytes += queue.openBytes - bytesBefore
    const isFull = queue.openBytes >= batchMaxBytes
    if (isFull) this.#seal(queue)
    return hasNoRoom || isFull
  }

  /** Ends every open batch. */
  sealAll(): void {
    for (const queue of this.#queues) {
      if (queue.hasOpenRecords) this.#seal(queue)
    }
  }

  /** The first batch of a queue is in the log. */
  acknowledge(queue: PartitionQueue, baseOffset: number): void {
    this.#bufferedBytes -= queue.acknowledge(baseOffset).recordsBytes
  }

  /** The first batch of a queue is too large for its topic; false where it has one record. */
  split(queue: PartitionQueue): boolean {
    const grownBytes = queue.splitFirst()
    if (grownBytes === false) return false
    this.#bufferedBytes += grownBytes
    return true
  }

  identify(identity: ProducerIdentity): void {
    this.#identity = identity
    for (const queue of this.#queues) queue.identify(identity)
  }

  /** Drops everything that is not acknowledged. */
  clear(): void {
    for (const queue of this.#queues) queue.clear()
    this.#bufferedBytes = 0
  }

  #queue(topic: string, partition: number): PartitionQueue {
    if (topic !== this.#lastTopic) {
      this.#lastTopic = topic
      this.#lastQueues = this.#queuesOf(topic)
    }
    return this.#lastQueues[partition] ?? this.#addQueue(topic, partition)
  }

  #queuesOf(topic: string): PartitionQueue[] {
    let queues = this.#topics.get(topic)
    if (queues === undefined) {
      queues = []
      this.#topics.set(topic, queues)
    }
    return queues
  }

  #addQueue(topic: string, partition: number): PartitionQueue {
    const queue = new PartitionQueue(topic, partition, this.#options.isTransactional)
    queue.identify(this.#identity)
    this.#queuesOf(topic)[partition] = queue
    this.#queues.push(queue)
    return queue
  }

  #seal(queue: PartitionQueue): void {
    queue.seal(this.#options.clock.monotonicMs())
    this.#options.onSealed(queue)
  }
}

function tooLarge(
  topic: string,
  partition: number,
  sizeBytes: number,
  maxBytes: number,
): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RECORD_REFUSED', {
    message: `a record for ${topic}[${partition}] takes up to ${sizeBytes} bytes, ${maxBytes} are allowed`,
  })
}

function impossibleTime(topic: string, partition: number, timestampMs: number): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RECORD_REFUSED', {
    message: `a record for ${topic}[${partition}] has the timestamp ${timestampMs}`,
  })
}
