import { isMillraceError } from '@millrace/errors'
import type { CommittedOffset, PartitionOffset, Producer } from '@millrace/kafka'
import type { Delivery } from './delivery.ts'

/** The part of a group member that commits. */
export interface OffsetCommitter {
  commit(offsets: readonly CommittedOffset[]): Promise<void>
}

/**
 * Results are acknowledged before the offsets of their input are committed, so a crash in between
 * repeats results and never loses one.
 */
export class AtLeastOnce implements Delivery {
  readonly guarantee = 'at_least_once'
  readonly producer: Producer
  readonly #group: OffsetCommitter
  #offsets: readonly CommittedOffset[] = []

  constructor(producer: Producer, group: OffsetCommitter) {
    this.producer = producer
    this.#group = group
  }

  async start(): Promise<void> {}

  flush(): Promise<readonly PartitionOffset[]> {
    return this.producer.flush()
  }

  async sendOffsets(offsets: readonly CommittedOffset[]): Promise<void> {
    this.#offsets = offsets
  }

  async commit(): Promise<void> {
    if (this.#offsets.length > 0) await this.#group.commit(this.#offsets)
  }

  /** A rebalance or a moving coordinator stood in the way; the results are safe. */
  isRepeatable(error: unknown): boolean {
    return isMillraceError(error) && error.code === 'MILLRACE_KAFKA_RETRIABLE'
  }

  close(): Promise<void> {
    return this.producer.close()
  }
}
