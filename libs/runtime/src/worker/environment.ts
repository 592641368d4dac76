import type { Cluster, GroupMember } from '@millrace/kafka'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import type { TransactionalPeers } from '../assignment/transactional-peers.ts'
import type { GlobalTables } from '../global/global-tables.ts'
import type { PreparedTopics } from '../internal-topics/prepare-topics.ts'
import type { WorkerMetrics } from '../metrics/worker-metrics.ts'
import type { TimePlan } from '../time/time-plan.ts'
import type { RequestQueue } from './request-queue.ts'
import type { StreamWorkerOptions } from './worker-options.ts'
import type { WorkerStateMachine } from './worker-state.ts'

/** What a started worker has at hand: found or made before the loop begins. */
export interface WorkerEnvironment {
  readonly options: StreamWorkerOptions
  readonly state: WorkerStateMachine
  readonly requests: RequestQueue
  readonly metrics: WorkerMetrics
  readonly clusters: {
    readonly group: Cluster
    readonly fetch: Cluster
    readonly produce: Cluster
    readonly restore: Cluster
    /** Only where the topology has global tables. */
    readonly global?: Cluster
  }
  readonly topics: PreparedTopics
  /** Every task of the topology, mine or not. */
  readonly tasks: readonly TaskDefinition[]
  readonly timePlan: TimePlan
  readonly globalTables: GlobalTables | null
  readonly fingerprint: string
  readonly member: GroupMember
  /** Tasks with state on the disk: told to the group's leader at each join. */
  readonly tasksOnDisk: Set<string>
  readonly peers: TransactionalPeers
}
