import type { Headers, TopicPartition } from '@millrace/record'
import { RecordBatchWriter } from '../../wire/record-batch-writer.ts'
import { halvesOf } from './halves-of.ts'
import { OutgoingBatch } from './outgoing-batch.ts'
import { noIdentity, type ProducerIdentity, sequenceAfter } from './producer-identity.ts'

export const unknownOffset = -1

/** What is written to one partition and not acknowledged: sealed batches in order, then the open one. */
export class PartitionQueue implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** The first of `batches` is under way. */
  isInFlight = false
  /** The first of `batches` failed and waits for its next attempt. */
  isBackingOff = false
  /** The offset after the last acknowledged record; -1 where the broker did not tell. */
  endOffset = unknownOffset
  /** The transaction (counted by its producer) that this partition was added to. */
  addedToTransaction = 0
  /** What the topic lets in is not known before it refuses a batch; from then on half of that. */
  batchMaxBytes = Number.POSITIVE_INFINITY

  readonly #isTransactional: boolean
  readonly #writer = new RecordBatchWriter()
  #batches: OutgoingBatch[] = []
  #identity = noIdentity
  #nextSequence = 0

  constructor(topic: string, partition: number, isTransactional: boolean) {
    this.topic = topic
    this.partition = partition
    this.#isTransactional = isTransactional
  }

  get batches(): readonly OutgoingBatch[] {
    return this.#batches
  }

  get hasOpenRecords(): boolean {
    return this.#writer.count > 0
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0 && this.#writer.count === 0
  }

  get openBytes(): number {
    return this.#writer.sizeBytes
  }

  append(key: Buffer | null, value: Buffer | null, timestampMs: number, headers: Headers): void {
    this.#writer.append(key, value, timestampMs, headers)
  }

  /** Ends the open batch, if it has a record. */
  seal(nowMs: number): void {
    const recordCount = this.#writer.count
    if (recordCount === 0) return
    const bytes = this.#writer.finish({
      ...this.#identity,
      baseSequence: this.#nextSequence,
      isTransactional: this.#isTransactional,
    })
    this.#writer.reset()
    this.#batches.push(new OutgoingBatch(bytes, recordCount, this.#nextSequence, nowMs))
    this.#nextSequence = sequenceAfter(this.#nextSequence, recordCount)
  }

  /**
   * Puts two halves in place of the first batch, which its topic refused for its size, under the
   * same sequences. False where it has one record. Returns by how many bytes the records grew.
   */
  splitFirst(): number | false {
    const whole = this.#batches[0]!
    const halves = halvesOf(whole)
    if (halves === null) return false
    this.#batches.splice(0, 1, ...halves)
    this.batchMaxBytes = Math.min(this.batchMaxBytes, Math.ceil(whole.bytes.length / 2))
    return halves[0].recordsBytes + halves[1].recordsBytes - whole.recordsBytes
  }

  /** The first batch is done. */
  acknowledge(baseOffset: number): OutgoingBatch {
    const batch = this.#batches.shift()!
    this.endOffset = baseOffset < 0 ? unknownOffset : baseOffset + batch.recordCount
    return batch
  }

  /**
   * From now on writes under another id or epoch, whose sequences begin at 0 (elsewhere only in
   * tests). A batch that was sent
   * before keeps its bytes: it is repeated under the identity it was first sent with.
   */
  identify(identity: ProducerIdentity, firstSequence = 0): void {
    this.#identity = identity
    this.#nextSequence = firstSequence
    for (const batch of this.#batches) {
      if (batch.attempts > 0) continue
      batch.restamp(identity, this.#nextSequence)
      this.#nextSequence = sequenceAfter(this.#nextSequence, batch.recordCount)
    }
  }

  /** Drops everything that is not acknowledged. */
  clear(): void {
    this.#batches = []
    this.#writer.reset()
    this.isBackingOff = false
  }
}
