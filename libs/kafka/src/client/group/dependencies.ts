import type { Clock } from '@millrace/time'
import type { GroupMemberOptions } from '../../ports/group.ts'
import type { Transport } from '../../ports/transport.ts'

/** Where the group's coordinator is; looked up once and kept until an answer says it moved. */
export interface CoordinatorLookup {
  /** Rejects as FindCoordinator does. */
  nodeId(): Promise<number>
  /** The node answered that it is not, or not yet, the coordinator; or it did not answer. */
  invalidate(): void
}

/** How many partitions topics have now, asked freshly; a topic that does not exist is left out. */
export interface PartitionCounts {
  partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>>
}

/** Same shape as pino's. */
export interface GroupLogger {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface GroupMemberDependencies {
  readonly transport: Pick<
    Transport,
    'joinGroup' | 'syncGroup' | 'heartbeat' | 'leaveGroup' | 'offsetCommit'
  >
  readonly coordinator: CoordinatorLookup
  readonly metadata: PartitionCounts
  readonly clock: Clock
  readonly options: GroupMemberOptions
  readonly logger: GroupLogger
}
