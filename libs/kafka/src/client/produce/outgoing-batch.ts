import { batchField } from '../../wire/batch-header.ts'
import { restamp } from '../../wire/batch-stamp.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** A sealed batch: encoded once, and sent as the same bytes until the leader says what became of it. */
export class OutgoingBatch {
  readonly bytes: Buffer
  readonly recordCount: number
  readonly sealedAtMs: number
  sequence: number
  /**
   * How often it was sent. After a failed attempt the records may be in the log all the same (an
   * answer lost, a leader that resigned after the append), so only the same bytes may follow.
   */
  attempts = 0
  lastError: Error | null = null

  constructor(bytes: Buffer, recordCount: number, sequence: number, sealedAtMs: number) {
    this.bytes = bytes
    this.recordCount = recordCount
    this.sequence = sequence
    this.sealedAtMs = sealedAtMs
  }

  /** The share of `Producer.bufferedBytes`. */
  get recordsBytes(): number {
    return this.bytes.length - batchField.records
  }

  restamp(identity: ProducerIdentity, sequence: number): void {
    this.sequence = sequence
    restamp(this.bytes, { ...identity, baseSequence: sequence })
  }
}
