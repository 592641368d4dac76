import {
  type AddPartitionsToTxnRequest,
  type InitProducerIdRequest,
  kafkaError,
  type TxnIdentity,
} from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'
import { type Answer, partitionKey } from '../api.ts'
import { partitionErrors } from '../error-answers.ts'
import type { GroupCoordinator } from '../groups/group-coordinator.ts'
import type { Timers } from '../timers.ts'
import type { Topics } from '../topics/topics.ts'
import { expectedIdError, planProducerId } from './producer-ids.ts'
import { Transaction } from './transaction.ts'

export interface TransactionCoordinatorOptions {
  readonly timers: Timers
  readonly topics: Topics
  readonly groups: GroupCoordinator
  readonly markerDelayMs: number
  readonly abortCheckMs: number
}

const invalidTransactionTimeout = 50
const operationNotAttempted = 55
const transactionTimeoutMaxMs = 900_000

/**
 * Answers the requests of transactional producers as Kafka's `TransactionCoordinator` does for
 * clients before KIP-890: fencing shows as INVALID_PRODUCER_EPOCH, epochs move at InitProducerId.
 */
export class TransactionCoordinator {
  readonly #transactions = new Map<string, Transaction>()
  readonly #options: TransactionCoordinatorOptions
  #producerIdNext = 1

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options
  }

  initProducerId(request: InitProducerIdRequest): Answer<'initProducerId'> {
    const { transactionalId, transactionTimeoutMs } = request
    const refused = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })
    if (transactionalId === null) {
      return { errorCode: 0, producerId: this.#producerIdNext++, producerEpoch: 0 }
    }
    if (transactionTimeoutMs <= 0 || transactionTimeoutMs > transactionTimeoutMaxMs) {
      return refused(invalidTransactionTimeout)
    }
    const transaction = this.#findOrCreate(transactionalId)
    if (expectedIdError(transaction, request) !== 0)
      return refused(kafkaError.INVALID_PRODUCER_EPOCH)
    if (transaction.isDeciding) return refused(kafkaError.CONCURRENT_TRANSACTIONS)
    if (transaction.state === 'Ongoing') {
      this.#fenceAndAbort(transaction)
      return refused(kafkaError.CONCURRENT_TRANSACTIONS)
    }
    const plan = planProducerId(transaction, request, () => this.#producerIdNext++)
    if (plan === null) return refused(kafkaError.INVALID_PRODUCER_EPOCH)
    if (plan.producerId !== transaction.producerId) {
      transaction.previousProducerId = transaction.producerId
    }
    Object.assign(transaction, plan, { timeoutMs: transactionTimeoutMs })
    transaction.transitionTo('Empty')
    return { errorCode: 0, producerId: plan.producerId, producerEpoch: plan.producerEpoch }
  }

  addPartitions(request: AddPartitionsToTxnRequest): Answer<'addPartitionsToTxn'> {
    const { partitions } = request
    const isKnown = (at: TopicPartition): boolean =>
      this.#options.topics.partition(at) !== undefined
    if (!partitions.every(isKnown)) {
      return partitions.map(({ topic, partition }) => {
        const known = isKnown({ topic, partition })
        const errorCode = known ? operationNotAttempted : kafkaError.UNKNOWN_TOPIC_OR_PARTITION
        return { topic, partition, errorCode }
      })
    }
    const [transaction, errorCode] = this.#openFor(request)
    for (const { topic, partition } of transaction === null ? [] : partitions) {
      transaction!.partitions.set(partitionKey({ topic, partition }), { topic, partition })
    }
    return partitionErrors(partitions, errorCode)
  }

  addOffsets(request: TxnIdentity & { readonly groupId: string }): Answer<'addOffsetsToTxn'> {
    const [transaction, errorCode] = this.#openFor(request)
    transaction?.groupIds.add(request.groupId)
    return { errorCode }
  }

  end(request: TxnIdentity & { readonly isCommit: boolean }): Answer<'endTxn'> {
    const transaction = this.#transactions.get(request.transactionalId)
    const errorCode = identityError(transaction, request)
    if (errorCode !== 0) return { errorCode }
    const { state } = transaction!
    const own = request.isCommit ? 'Commit' : 'Abort'
    // The repetition of an EndTxn whose answer was lost.
    if (state === `Complete${own}`) return { errorCode: 0 }
    if (state === `Prepare${own}`) return { errorCode: kafkaError.CONCURRENT_TRANSACTIONS }
    if (state !== 'Ongoing') return { errorCode: kafkaError.INVALID_TXN_STATE }
    this.#decide(transaction!, request.isCommit)
    return { errorCode: 0 }
  }

  /** 0, or why records for a partition are not part of the producer's transaction (KIP-890, first part). */
  partitionVerdict(identity: TxnIdentity, at: TopicPartition): number {
    const transaction = this.#transactions.get(identity.transactionalId)
    const errorCode = openError(transaction, identity)
    if (errorCode !== 0) return errorCode
    return transaction!.holds(at) ? 0 : kafkaError.INVALID_TXN_STATE
  }

  /** The same for a group's offsets. */
  offsetsVerdict(identity: TxnIdentity, groupId: string): number {
    const transaction = this.#transactions.get(identity.transactionalId)
    const errorCode = openError(transaction, identity)
    if (errorCode !== 0) return errorCode
    return transaction!.groupIds.has(groupId) ? 0 : kafkaError.INVALID_TXN_STATE
  }

  transactionalIds(): string[] {
    return [...this.#transactions.keys()]
  }

  find(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId)
  }

  /** Writes the markers that could not be written while a leader was missing. */
  completeDecided(): void {
    for (const transaction of this.#transactions.values()) {
      if (transaction.isDeciding) this.#writeMarkers(transaction)
    }
  }

  #findOrCreate(transactionalId: string): Transaction {
    let transaction = this.#transactions.get(transactionalId)
    if (transaction === undefined) {
      transaction = new Transaction(transactionalId, this.#producerIdNext++)
      this.#transactions.set(transactionalId, transaction)
    }
    return transaction
  }

  /** The producer's transaction, begun where it was not; or null with the error. */
  #openFor(identity: TxnIdentity): [Transaction, 0] | [null, number] {
    const transaction = this.#transactions.get(identity.transactionalId)
    const errorCode = openError(transaction, identity)
    if (errorCode !== 0) return [null, errorCode]
    if (transaction!.state !== 'Ongoing') {
      transaction!.transitionTo('Ongoing')
      this.#startTimeout(transaction!)
    }
    return [transaction!, 0]
  }

  /** A broker looks for timed-out transactions at intervals only, so the end comes up to one later. */
  #startTimeout(transaction: Transaction): void {
    const { timers, abortCheckMs } = this.#options
    const nowMs = timers.clock.monotonicMs()
    const dueMs = Math.ceil((nowMs + transaction.timeoutMs) / abortCheckMs) * abortCheckMs
    transaction.setTimeout(timers.set(dueMs - nowMs, () => this.#fenceAndAbort(transaction)))
  }

  /** The bumped epoch goes into the markers and is given to nobody, so the producer is fenced everywhere. */
  #fenceAndAbort(transaction: Transaction): void {
    transaction.producerEpoch++
    transaction.lastProducerEpoch = -1
    this.#decide(transaction, false)
  }

  #decide(transaction: Transaction, isCommit: boolean): void {
    const { timers, markerDelayMs } = this.#options
    transaction.setTimeout(null)
    transaction.transitionTo(isCommit ? 'PrepareCommit' : 'PrepareAbort')
    if (markerDelayMs === 0) this.#writeMarkers(transaction)
    else timers.set(markerDelayMs, () => this.#writeMarkers(transaction))
  }

  #writeMarkers(transaction: Transaction): void {
    if (!transaction.isDeciding) return
    const { timers, topics, groups } = this.#options
    const isCommit = transaction.state === 'PrepareCommit'
    const { producerId, producerEpoch } = transaction
    const marker = isCommit ? 'commit' : 'abort'
    for (const [key, at] of transaction.partitions) {
      const partition = topics.partition(at)
      if (partition?.leaderId === -1) continue
      const timestampMs = timers.clock.nowMs()
      partition?.log.appendMarker({ marker, producerId, producerEpoch, timestampMs })
      transaction.partitions.delete(key)
    }
    for (const groupId of transaction.groupIds)
      groups.offsetsOf(groupId).decide(producerId, isCommit)
    transaction.groupIds.clear()
    if (transaction.partitions.size > 0) return
    transaction.transitionTo(isCommit ? 'CompleteCommit' : 'CompleteAbort')
  }
}

/** 0, or the error for a producer that does not own the transactional id. */
function identityError(transaction: Transaction | undefined, identity: TxnIdentity): number {
  if (transaction === undefined || transaction.producerId !== identity.producerId) {
    return kafkaError.INVALID_PRODUCER_ID_MAPPING
  }
  const isCurrent = transaction.producerEpoch === identity.producerEpoch
  return isCurrent ? 0 : kafkaError.INVALID_PRODUCER_EPOCH
}

function openError(transaction: Transaction | undefined, identity: TxnIdentity): number {
  const errorCode = identityError(transaction, identity)
  if (errorCode !== 0) return errorCode
  return transaction!.isDeciding ? kafkaError.CONCURRENT_TRANSACTIONS : 0
}
