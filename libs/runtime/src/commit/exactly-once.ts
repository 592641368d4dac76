import { MillraceError } from '@millrace/errors'
import type {
  CommittedOffset,
  GroupMetadata,
  PartitionOffset,
  TransactionalProducer,
} from '@millrace/kafka'
import type { Delivery } from './delivery.ts'

/**
 * Results, changelogs and input offsets in one transaction (exactly-once v2, KIP-447). The offsets
 * are fenced by member id and generation, so a zombie's transaction cannot commit.
 */
export class ExactlyOnce implements Delivery {
  readonly guarantee = 'exactly_once'
  readonly producer: TransactionalProducer
  readonly #groupMetadata: () => GroupMetadata
  #isOpen = false

  constructor(producer: TransactionalProducer, groupMetadata: () => GroupMetadata) {
    this.producer = producer
    this.#groupMetadata = groupMetadata
  }

  async start(): Promise<void> {
    await this.producer.init()
    this.#begin()
  }

  flush(): Promise<readonly PartitionOffset[]> {
    return this.producer.flush()
  }

  async sendOffsets(offsets: readonly CommittedOffset[]): Promise<void> {
    if (offsets.length === 0) return
    const group = this.#groupMetadata()
    // Without a generation the broker takes the commit for one of a reader outside of any group,
    // and fences nothing.
    if (group.generation < 0) throw outsideGroup(group.groupId)
    await this.producer.sendOffsets(offsets, group)
  }

  async commit(): Promise<void> {
    await this.producer.commit()
    this.#isOpen = false
    this.#begin()
  }

  /** The outcome of a failed EndTxn is unknown: only reading the committed offsets tells. */
  isRepeatable(): boolean {
    return false
  }

  async close(): Promise<void> {
    try {
      if (this.#isOpen) await this.producer.abort()
    } catch {
      // The coordinator aborts it after `transactionTimeoutMs`, or at the next InitProducerId.
    } finally {
      await this.producer.close()
    }
  }

  #begin(): void {
    this.producer.begin()
    this.#isOpen = true
  }
}

function outsideGroup(groupId: string): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_FENCED', {
    message: `offsets of group ${groupId} were not committed: the member is not in the group`,
    remedy: 'None needed: the member joins again, and who owns the partitions reads them again.',
  })
}
