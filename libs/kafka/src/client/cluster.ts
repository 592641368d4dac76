import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { Clock } from '@millrace/time'
import type { Admin } from '../ports/admin.ts'
import type {
  Cluster,
  CommittedOffset,
  Isolation,
  ListedOffset,
  TopicMetadata,
} from '../ports/cluster.ts'
import type { Fetcher, FetcherOptions } from '../ports/fetcher.ts'
import type { GroupMember, GroupMemberOptions } from '../ports/group.ts'
import type {
  Producer,
  ProducerOptions,
  TransactionalProducer,
  TransactionalProducerOptions,
} from '../ports/producer.ts'
import type { Transport } from '../ports/transport.ts'
import { ClusterAdmin } from './admin/cluster-admin.ts'
import { Closing } from './closing.ts'
import { committedOffsets } from './committed-offsets.ts'
import {
  type ClusterLogger,
  type Connection,
  createConnection,
  retryOperation,
} from './connection.ts'
import { PartitionFetcher } from './fetch/partition-fetcher.ts'
import { createGroupMember } from './group/create-group-member.ts'
import { type ListedAt, listOffsets } from './list-offsets.ts'
import { topicMetadata } from './metadata/topics.ts'
import { IdempotentProducer } from './produce/idempotent-producer.ts'
import { isRetriableError } from './retry.ts'
import { KafkaTransactionalProducer } from './transaction/transactional-producer.ts'

export interface ClusterOptions {
  /** The requests: to real brokers, or to a simulated cluster. Closed with the cluster. */
  readonly transport: Transport
  readonly clock: Clock
  /** Told of retries (debug) and of what a person may want to know (warn). */
  readonly logger?: ClusterLogger | undefined
}

/** The port's implementation: everything that is not a request, once for every transport. */
export function createCluster(options: ClusterOptions): Cluster {
  return new KafkaCluster(options)
}

class KafkaCluster implements Cluster {
  readonly admin: Admin
  readonly #connection: Connection
  readonly #closing = new Closing()

  constructor(options: ClusterOptions) {
    this.#connection = createConnection({ ...options, closing: this.#closing })
    this.admin = new ClusterAdmin(this.#connection)
  }

  async connect(): Promise<void> {
    const { transport, metadata } = this.#connection
    try {
      await transport.connect()
      await metadata.refresh([])
    } catch (cause) {
      if (!isRetriableError(cause)) throw cause
      throw new MillraceError('MILLRACE_KAFKA_UNAVAILABLE', {
        message: 'no broker answered',
        cause,
      })
    }
  }

  metadata(topics: readonly string[]): Promise<ReadonlyMap<string, TopicMetadata>> {
    return retryOperation(this.#connection, () => topicMetadata(this.#connection, topics))
  }

  listOffsets(
    partitions: readonly TopicPartition[],
    at: ListedAt,
    isolation: Isolation,
  ): Promise<readonly ListedOffset[]> {
    return listOffsets(this.#connection, partitions, at, isolation)
  }

  committedOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    options: { readonly requireStable: boolean },
  ): Promise<readonly CommittedOffset[]> {
    return committedOffsets(this.#connection, groupId, partitions, options.requireStable)
  }

  fetcher(options: FetcherOptions): Fetcher {
    return new PartitionFetcher(this.#connection, options)
  }

  producer(options: ProducerOptions): Producer {
    return new IdempotentProducer(this.#connection, options)
  }

  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer {
    return new KafkaTransactionalProducer(this.#connection, options)
  }

  groupMember(options: GroupMemberOptions): GroupMember {
    const { transport, clock, logger, coordinators } = this.#connection
    const { groupId } = options
    return createGroupMember({
      transport,
      clock,
      logger,
      options,
      coordinator: {
        nodeId: () => coordinators.find('group', groupId),
        invalidate: () => coordinators.forget('group', groupId),
      },
      metadata: { partitionCounts: (topics) => this.#partitionCounts(topics) },
    })
  }

  /** One attempt: the member has its own retries. */
  async #partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = await topicMetadata(this.#connection, topics)
    return new Map([...known].map(([topic, { partitionCount }]) => [topic, partitionCount]))
  }

  async close(): Promise<void> {
    this.#closing.close()
    await this.#connection.transport.close()
  }
}
