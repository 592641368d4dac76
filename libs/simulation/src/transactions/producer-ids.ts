import type { InitProducerIdRequest } from '@millrace/kafka'
import { kafkaError } from '@millrace/kafka'
import type { Transaction } from './transaction.ts'

/** The largest epoch is kept for fencing and never given to a producer. */
export const producerEpochMax = 0x7fff

export function isEpochExhausted(epoch: number): boolean {
  return epoch >= producerEpochMax - 1
}

export interface ProducerIdPlan {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastProducerEpoch: number
}

/** 0, or the error for a producer that names an id which is not its own any more (KIP-360). */
export function expectedIdError(transaction: Transaction, request: InitProducerIdRequest): number {
  if (request.producerId < 0) return 0
  const isOwn = request.producerId === transaction.producerId
  // The repetition of a bump that used the last epoch up, whose answer was lost.
  const isRetryOfRotation =
    request.producerId === transaction.previousProducerId && isEpochExhausted(request.producerEpoch)
  const isFresh = transaction.producerEpoch === -1
  return isOwn || isRetryOfRotation || isFresh ? 0 : kafkaError.PRODUCER_FENCED
}

/**
 * The id and epoch that InitProducerId answers where nothing is open (Kafka's
 * `prepareIncrementProducerEpoch`, `prepareProducerIdRotation`); null: the producer is fenced.
 */
export function planProducerId(
  transaction: Transaction,
  request: InitProducerIdRequest,
  newProducerId: () => number,
): ProducerIdPlan | null {
  const { producerId, producerEpoch, lastProducerEpoch } = transaction
  const isExpecting = request.producerId >= 0
  const isCurrent = !isExpecting || request.producerEpoch === producerEpoch
  if (isEpochExhausted(producerEpoch) && isCurrent) {
    const last = isExpecting ? producerEpoch : -1
    return { producerId: newProducerId(), producerEpoch: 0, lastProducerEpoch: last }
  }
  const bumped = { producerId, producerEpoch: producerEpoch + 1 }
  if (!isExpecting) return { ...bumped, lastProducerEpoch: -1 }
  if (isCurrent || producerEpoch === -1) return { ...bumped, lastProducerEpoch: producerEpoch }
  // The repetition of a bump whose answer was lost: the same answer again.
  const isRetry = request.producerEpoch === lastProducerEpoch
  return isRetry ? { producerId, producerEpoch, lastProducerEpoch } : null
}
