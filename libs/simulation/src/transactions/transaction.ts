import { assert } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { CancelTimer } from '@millrace/time'
import { partitionKey } from '../api.ts'

/**
 * ```
 *           AddPartitions, AddOffsets        EndTxn             markers written
 *  Empty ───────────────────► Ongoing ─┬─► PrepareCommit ────► CompleteCommit ─┐
 *    ▲                           ▲     └─► PrepareAbort  ────► CompleteAbort  ─┤
 *    └── InitProducerId ──────── └─────────── AddPartitions, AddOffsets ───────┘
 * ```
 */
export type TransactionState =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'

const successors: { readonly [S in TransactionState]: readonly TransactionState[] } = {
  Empty: ['Empty', 'Ongoing'],
  Ongoing: ['Ongoing', 'PrepareCommit', 'PrepareAbort'],
  PrepareCommit: ['CompleteCommit'],
  PrepareAbort: ['CompleteAbort'],
  CompleteCommit: ['Empty', 'Ongoing'],
  CompleteAbort: ['Empty', 'Ongoing'],
}

/** What the coordinator keeps of a transactional id (Kafka's `TransactionMetadata`). */
export class Transaction {
  readonly transactionalId: string
  producerId: number
  /** -1 until the first InitProducerId is through. */
  producerEpoch = -1
  /** The epoch before a bump that the producer asked for; -1 where another one fenced it. */
  lastProducerEpoch = -1
  previousProducerId = -1
  timeoutMs = 0
  readonly partitions = new Map<string, TopicPartition>()
  readonly groupIds = new Set<string>()
  #state: TransactionState = 'Empty'
  #cancelTimeout: CancelTimer | null = null

  constructor(transactionalId: string, producerId: number) {
    this.transactionalId = transactionalId
    this.producerId = producerId
  }

  get state(): TransactionState {
    return this.#state
  }

  get isDeciding(): boolean {
    return this.#state === 'PrepareCommit' || this.#state === 'PrepareAbort'
  }

  transitionTo(state: TransactionState): void {
    const isLegal = successors[this.#state].includes(state)
    assert(isLegal, `transaction ${this.transactionalId}: ${this.#state} → ${state}`)
    this.#state = state
  }

  setTimeout(cancel: CancelTimer | null): void {
    this.#cancelTimeout?.()
    this.#cancelTimeout = cancel
  }

  holds(partition: TopicPartition): boolean {
    return this.partitions.has(partitionKey(partition))
  }
}
