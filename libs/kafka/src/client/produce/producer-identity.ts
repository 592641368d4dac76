/** What the broker knows a producer by (KIP-98). */
export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Before InitProducerId. */
export const noIdentity: ProducerIdentity = { producerId: -1, producerEpoch: -1 }

/** Epochs are 16 bits; the last is the coordinator's own. */
export const producerEpochMax = 0x7fff - 1

/** Sequences wrap at 2^31: after 2,147,483,647 comes 0. */
export function sequenceAfter(sequence: number, recordCount: number): number {
  return (sequence + recordCount) % 2 ** 31
}
