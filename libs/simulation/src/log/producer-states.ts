import { kafkaError, type RecordBatch } from '@millrace/kafka'

/** A batch that a producer appended, kept to recognise its repetition. */
export interface AppendedBatch {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly timestampMs: number
}

interface ProducerState {
  epoch: number
  readonly batches: AppendedBatch[]
  /** Offset of the open transaction's first record here; null while there is none. */
  transactionFirstOffset: number | null
}

/** Kafka keeps the last five batches per producer and partition, as many as may be in flight. */
const batchesKept = 5
const sequenceModulus = 2 ** 31

export type AppendVerdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'duplicate'; readonly of: AppendedBatch }
  | { readonly kind: 'error'; readonly errorCode: number }

/** What a partition knows of its producers (Kafka's `ProducerStateManager`, `ProducerAppendInfo`). */
export class ProducerStates {
  readonly #states = new Map<number, ProducerState>()

  /** Whether a producer's batch may be appended; changes nothing. */
  judge(batch: RecordBatch): AppendVerdict {
    if (batch.producerId < 0) return { kind: 'append' }
    const state = this.#states.get(batch.producerId)
    if (state === undefined) return { kind: 'append' }
    const repeated = state.epoch === batch.producerEpoch ? findRepeated(state, batch) : undefined
    if (repeated !== undefined) return { kind: 'duplicate', of: repeated }
    if (batch.producerEpoch < state.epoch) return error(kafkaError.INVALID_PRODUCER_EPOCH)
    if (!isInSequence(state, batch)) return error(kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
    if (state.transactionFirstOffset !== null && !batch.isTransactional) {
      return error(kafkaError.INVALID_TXN_STATE)
    }
    return { kind: 'append' }
  }

  appended(batch: RecordBatch): void {
    if (batch.producerId < 0) return
    const state = this.#state(batch.producerId, batch.producerEpoch)
    state.batches.push({
      firstSequence: batch.baseSequence,
      lastSequence: lastSequence(batch),
      baseOffset: batch.baseOffset,
      timestampMs: batch.maxTimestampMs,
    })
    if (state.batches.length > batchesKept) state.batches.shift()
    if (batch.isTransactional && state.transactionFirstOffset === null) {
      state.transactionFirstOffset = batch.baseOffset
    }
  }

  /** Ends the producer's transaction; its first offset here, or null where it wrote nothing. */
  ended(producerId: number, producerEpoch: number): number | null {
    const state = this.#state(producerId, producerEpoch)
    const firstOffset = state.transactionFirstOffset
    state.transactionFirstOffset = null
    return firstOffset
  }

  hasOpenTransaction(producerId: number): boolean {
    return (this.#states.get(producerId)?.transactionFirstOffset ?? null) !== null
  }

  /** First offset of the earliest open transaction; null where none is open. */
  firstOpenOffset(): number | null {
    let first: number | null = null
    for (const { transactionFirstOffset: offset } of this.#states.values()) {
      if (offset !== null && (first === null || offset < first)) first = offset
    }
    return first
  }

  /** Base offset of each producer's last batch: the cleaner keeps these, empty if need be. */
  lastBatchOffsets(): Set<number> {
    const offsets = new Set<number>()
    for (const { batches } of this.#states.values()) {
      if (batches.length > 0) offsets.add(batches.at(-1)!.baseOffset)
    }
    return offsets
  }

  forgetAll(): void {
    this.#states.clear()
  }

  #state(producerId: number, producerEpoch: number): ProducerState {
    let state = this.#states.get(producerId)
    if (state === undefined) {
      state = { epoch: producerEpoch, batches: [], transactionFirstOffset: null }
      this.#states.set(producerId, state)
    }
    if (state.epoch !== producerEpoch) {
      state.epoch = producerEpoch
      state.batches.length = 0
    }
    return state
  }
}

function findRepeated(state: ProducerState, batch: RecordBatch): AppendedBatch | undefined {
  const last = lastSequence(batch)
  return state.batches.find(
    (kept) => kept.firstSequence === batch.baseSequence && kept.lastSequence === last,
  )
}

function isInSequence(state: ProducerState, batch: RecordBatch): boolean {
  if (batch.producerEpoch !== state.epoch) return batch.baseSequence === 0
  const last = state.batches.at(-1)?.lastSequence ?? -1
  return batch.baseSequence === (last + 1) % sequenceModulus
}

function lastSequence(batch: RecordBatch): number {
  return (batch.baseSequence + batch.lastOffset - batch.baseOffset) % sequenceModulus
}

function error(errorCode: number): AppendVerdict {
  return { kind: 'error', errorCode }
}
