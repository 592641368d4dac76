import { BatchCursor, type FetchedPartition, type RecordBatch } from '@millrace/kafka'
import { type Headers, noHeaders, type Record, type TopicPartition } from '@millrace/record'
import { Whereabouts } from '@millrace/telemetry'
import type { SourceNode } from '@millrace/topology'

const heartbeatHeaderName = 'millrace.heartbeat'

export interface RecordQueueOptions {
  readonly source: TopicPartition
  readonly node: SourceNode
  /** Above either bound the partition is paused; fetching goes on below half of both. */
  readonly capacityRecords?: number | undefined
  readonly capacityBytes?: number | undefined
  /** Told of each record before it is decoded. */
  readonly whereabouts?: Whereabouts | undefined
}

/** The bytes of the record that was taken last, for dead letters and positions. */
export interface TakenRecord {
  offset: number
  timestampMs: number
  key: Buffer | null
  value: Buffer | null
  headers: Headers
}

/**
 * Fetched and not yet processed records of one partition, still as batches. The head's timestamp is
 * known without decoding its key and value, unless an extractor has to look at them.
 * (Kafka Streams' `RecordQueue`, which decodes every record on arrival.)
 */
export class RecordQueue {
  readonly source: TopicPartition
  readonly node: SourceNode
  /** Event time of the head; only where `hasHead`. */
  headTimestampMs = -1
  headOffset = -1
  hasHead = false
  /** Largest timestamp of the records taken, for extractors; kept by tasks with state. */
  partitionTimeMs = -1
  /** Whether its last record was near the clock, for `IdleAdvance`; null where none is known. */
  isLive: boolean | null = null
  /** Held by a command: the task waits for this partition until it is released. */
  isPaused = false
  /** Left out of fetches because a bound was reached. */
  isFull = false
  /** From the latest fetch; -1 before the first answer. */
  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1
  readonly taken: TakenRecord = nothingTaken()
  /** Records seen in batches, and how many of them left the queue. */
  recordsIn = 0
  recordsOut = 0
  /** What became of those that left, for the conservation check; `skipped` were read before. */
  readonly left = { entered: 0, dropped: 0, failed: 0, markers: 0, skipped: 0 }
  /** Of those that failed: left out by policy or command, by reason; the others are dead letters. */
  readonly skippedCounts = new Map<string, number>()

  readonly #capacityRecords: number
  readonly #capacityBytes: number
  readonly #cursor = new BatchCursor()
  #batches: RecordBatch[] = []
  #batchIndex = -1
  #position: number
  #fetchedOffset: number
  #queuedBytes = 0
  /** Filled only where an extractor had to look at the head. */
  readonly #headTaken: TakenRecord = nothingTaken()
  #headRecord: Record<unknown, unknown> | null = null
  #headError: unknown = null
  /** The head was put back: the cursor stands behind it, at a record where `#hasBehind`. */
  #isPutBack = false
  #hasBehind = false
  /** `partitionTimeMs` without the record that was taken last. */
  #timeBeforeMs = -1
  readonly #whereabouts: Whereabouts
  readonly #sourceId: number
  readonly #operatorId: number

  constructor(options: RecordQueueOptions, startOffset: number) {
    this.source = options.source
    this.node = options.node
    this.#capacityRecords = options.capacityRecords ?? 100_000
    this.#capacityBytes = options.capacityBytes ?? 8 * 1024 * 1024
    const { whereabouts = new Whereabouts(), source, node } = options
    this.#whereabouts = whereabouts
    this.#sourceId = whereabouts.sourceId(source.topic, source.partition)
    this.#operatorId = whereabouts.operatorId(node.name)
    this.#position = startOffset
    this.#fetchedOffset = startOffset
  }

  /** The next offset to process: gaps before the head, and behind the last record, count as read. */
  get position(): number {
    return this.hasHead ? this.headOffset : Math.max(this.#position, this.#fetchedOffset)
  }

  /** Whether the head's time is known: not where it could not be read for the extractor. */
  get isHeadTimed(): boolean {
    return this.#headError === null
  }

  get queuedRecords(): number {
    return this.recordsIn - this.recordsOut
  }

  /** Nothing is queued and the latest answer stood at the end of what may be read. */
  get isAtStableEnd(): boolean {
    return (
      !this.hasHead && this.lastStableOffset >= 0 && this.#fetchedOffset >= this.lastStableOffset
    )
  }

  /** Nothing is queued and nothing, undecided transactions included, lies in the log. */
  get isAtLogEnd(): boolean {
    return !this.hasHead && this.highWatermark >= 0 && this.#fetchedOffset >= this.highWatermark
  }

  add(fetched: FetchedPartition): void {
    this.highWatermark = fetched.highWatermark
    this.lastStableOffset = fetched.lastStableOffset
    this.logStartOffset = fetched.logStartOffset
    this.#fetchedOffset = Math.max(this.#fetchedOffset, fetched.nextOffset)
    for (const batch of fetched.batches) {
      if (batch.lastOffset < this.#position) continue
      this.#batches.push(batch)
      this.recordsIn += batch.recordCount
      this.#queuedBytes += sizeOf(batch)
    }
    if (!this.hasHead) this.#advance()
    this.#measure()
  }

  /**
   * Takes the head out and decodes it. What was taken stands in `taken`. Throws what the serdes or
   * the timestamp extractor throw; the record is taken then too. The result's timestamp may be
   * negative: such a record is to be dropped.
   */
  take(): Record<unknown, unknown> {
    const timestampMs = this.headTimestampMs
    const isAgain = this.#isPutBack
    const record = this.#headRecord
    const error = this.#headError
    this.#timeBeforeMs = this.partitionTimeMs
    if (timestampMs > this.partitionTimeMs) this.partitionTimeMs = timestampMs
    this.#leave()
    this.#enter(this.taken.offset)
    if (error !== null) throw error
    if (isAgain) return { ...decode(this.node, this.taken), timestampMs }
    return record ?? decode(this.node, this.taken)
  }

  /** Takes the head out as bytes: it is not to be processed. What was taken stands in `taken`. */
  pass(): void {
    this.#timeBeforeMs = this.partitionTimeMs
    this.#leave()
  }

  /** The record that was taken last is the head again, at its event time, and decoded anew. */
  putBack(timestampMs: number): void {
    this.partitionTimeMs = this.#timeBeforeMs
    this.#isPutBack = true
    this.#hasBehind = this.hasHead
    this.hasHead = true
    this.headOffset = this.taken.offset
    this.headTimestampMs = timestampMs
    this.#headRecord = null
    this.#headError = null
    this.#position = this.taken.offset
    this.recordsOut--
  }

  /** The record that was taken last could not be read yet: it is the head again, until `readAgain`. */
  putBackUnread(): void {
    this.putBack(this.taken.timestampMs)
  }

  /** What the head put back needs is there: an extractor is asked for its time once more. */
  readAgain(): void {
    const { timestamp } = this.node
    if (!this.#isPutBack || timestamp === undefined) return
    Object.assign(this.#headTaken, this.taken)
    this.#extractTaken(timestamp)
  }

  /** The record that was taken last leaves nothing: an extractor is not shown its time either. */
  takeBackTime(): void {
    if (this.partitionTimeMs === this.#timeBeforeMs) return
    this.partitionTimeMs = this.#timeBeforeMs
    if (this.hasHead) this.#show()
  }

  /** The record that was taken last is left out. */
  skip(reason: string): void {
    this.left.failed++
    this.skippedCounts.set(reason, (this.skippedCounts.get(reason) ?? 0) + 1)
  }

  /** The batches with records at or behind an offset that are still here, in order. */
  batchesFrom(offset: number): readonly RecordBatch[] {
    const from = this.#batches.findIndex((batch) => batch.lastOffset >= offset)
    return from < 0 ? [] : this.#batches.slice(from, from + 1)
  }

  /** The head's bytes; it stays the head. */
  headTaken(): TakenRecord {
    const head = nothingTaken()
    if (this.#headRecord !== null || this.#headError !== null) Object.assign(head, this.#headTaken)
    else if (this.#isPutBack) Object.assign(head, this.taken)
    else this.#remember(head)
    return head
  }

  /** The head becomes `taken`; what stands behind it becomes the head. */
  #leave(): void {
    if (this.#headRecord !== null || this.#headError !== null)
      Object.assign(this.taken, this.#headTaken)
    else if (!this.#isPutBack) this.#remember(this.taken)
    const isNextAtHand = this.#isPutBack && this.#hasBehind
    this.#isPutBack = false
    this.#headRecord = null
    this.#headError = null
    this.#position = this.headOffset + 1
    this.recordsOut++
    if (isNextAtHand) this.#show()
    else this.#advance()
  }

  /** Moves to the next record that was not processed yet, dropping batches that are read. */
  #advance(): void {
    for (;;) {
      if (this.#batchIndex >= 0 && this.#nextWanted()) break
      if (!this.#nextBatch()) {
        this.hasHead = false
        this.#measure()
        return
      }
    }
    this.#show()
  }

  /** The record at the cursor is the head. */
  #show(): void {
    this.hasHead = true
    this.headOffset = this.#cursor.offset
    this.headTimestampMs = this.#cursor.timestampMs
    this.#headRecord = null
    this.#headError = null
    if (this.node.timestamp !== undefined) this.#extract(this.node.timestamp)
  }

  #nextWanted(): boolean {
    while (this.#cursor.next()) {
      if (this.#cursor.offset >= this.#position) return true
      this.recordsOut++
      this.left.skipped++
    }
    return false
  }

  #nextBatch(): boolean {
    const done = this.#batches[this.#batchIndex]
    if (done !== undefined) this.#queuedBytes -= sizeOf(done)
    this.#batchIndex++
    const batch = this.#batches[this.#batchIndex]
    if (batch === undefined) {
      this.#batches = []
      this.#batchIndex = -1
      return false
    }
    this.#measure()
    if (this.#batchIndex >= 64) {
      this.#batches = this.#batches.slice(this.#batchIndex)
      this.#batchIndex = 0
    }
    this.#cursor.load(batch)
    return true
  }

  #remember(taken: TakenRecord): void {
    taken.offset = this.headOffset
    taken.timestampMs = this.headTimestampMs
    taken.key = this.#cursor.key()
    taken.value = this.#cursor.value()
    taken.headers = this.#cursor.headers()
  }

  /** With an extractor the head has to be decoded before its turn. */
  #extract(extractor: NonNullable<SourceNode['timestamp']>): void {
    this.#remember(this.#headTaken)
    this.#extractTaken(extractor)
  }

  #extractTaken(extractor: NonNullable<SourceNode['timestamp']>): void {
    if (isHeartbeat(this.node, this.#headTaken)) return
    this.#enter(this.headOffset)
    try {
      const record = decode(this.node, this.#headTaken)
      const { topic, partition } = this.source
      const at = { topic, partition, offset: this.headOffset }
      const timestampMs = extractor({ record, ...at, partitionTimeMs: this.partitionTimeMs })
      this.headTimestampMs = timestampMs
      this.#headRecord = { ...record, timestampMs }
    } catch (error) {
      this.#headError = error
    }
  }

  #enter(offset: number): void {
    this.#whereabouts.enterRecord(this.#sourceId, offset, this.#operatorId)
  }

  #measure(): void {
    const records = this.queuedRecords
    if (records > this.#capacityRecords || this.#queuedBytes > this.#capacityBytes)
      this.isFull = true
    else if (records <= this.#capacityRecords / 2 && this.#queuedBytes <= this.#capacityBytes / 2)
      this.isFull = false
  }
}

/** A record that carries time and nothing else, where the source has such. */
export function isHeartbeat(node: SourceNode, { key, value, headers }: TakenRecord): boolean {
  if (node.hasHeartbeats !== true || key !== null || value !== null) return false
  return headers.some(([name]) => name === heartbeatHeaderName)
}

function nothingTaken(): TakenRecord {
  return { offset: -1, timestampMs: -1, key: null, value: null, headers: noHeaders }
}

/** The record that the bytes are; throws what the serdes throw. */
export function decode(node: SourceNode, taken: TakenRecord): Record<unknown, unknown> {
  return {
    key: taken.key === null ? null : node.keySerde.deserialize(taken.key),
    value: taken.value === null ? null : node.valueSerde.deserialize(taken.value),
    timestampMs: taken.timestampMs,
    headers: taken.headers,
  }
}

function sizeOf(batch: RecordBatch): number {
  return batch.recordsEnd - batch.recordsStart
}
