import type { Cluster } from '@millrace/kafka'
import type { Counters, Logger, Whereabouts } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import type { CommitStep } from '../commit/commit.ts'
import type { FailureOptions } from '../failure/failure-policies.ts'
import type { RestoreProgress } from '../restore/restore-job.ts'
import type { StateBackends } from '../restore/state-backends.ts'
import type { WorkerState } from './worker-state.ts'

/** What a cluster object is for: JoinGroup and long polls block the connection they use. */
export type ClusterPurpose = 'group' | 'fetch' | 'produce' | 'restore' | 'global'

export type Guarantee = 'at_least_once' | 'exactly_once'

export interface StreamWorkerOptions extends FailureOptions {
  readonly topology: Topology
  /** Names the consumer group, the internal topics and the state. */
  readonly applicationId: string
  /** Called once for each purpose; the worker closes what it was given. */
  readonly cluster: (purpose: ClusterPurpose) => Cluster
  readonly backends: StateBackends
  readonly clock: Clock
  readonly counters: Counters
  readonly logger: Logger

  /** Default `exactly_once`. */
  readonly guarantee?: Guarantee | undefined
  /** Default 1,000 under either guarantee. */
  readonly commitIntervalMs?: number | undefined
  /** Where a source partition without a committed offset begins. Default `earliest`. */
  readonly startOffset?: 'earliest' | 'latest' | undefined
  /** When the topology does not fit the state on disk. Default `refuse`. */
  readonly onPlanChange?: 'refuse' | 'rebuild' | undefined
  /** See `PartitionGroup`. Default 0. */
  readonly maxTaskIdleMs?: number | undefined
  /** See `IdleWatch`. Default 60,000. */
  readonly idleOutAfterMs?: number | undefined
  /** Left out: the broker's default. */
  readonly replicationFactor?: number | undefined
  /** Rows of all stores that one task keeps in memory. Default 100,000. */
  readonly cacheRowsMax?: number | undefined
  /** Uncommitted rows of all tasks at which a commit comes early. Default 200,000. */
  readonly uncommittedRowsMax?: number | undefined
  /** The same in bytes, estimated by the rows of the commit before. Default 32 MiB. */
  readonly uncommittedBytesMax?: number | undefined

  /** Static membership. */
  readonly groupInstanceId?: string | undefined
  /** Default 10,000. */
  readonly sessionTimeoutMs?: number | undefined
  /** Identity of the process, its address for queries, and the number of this thread in it. */
  readonly processId: string
  readonly host?: string | undefined
  readonly thread?: number | undefined

  /** Where this thread is, for a watchdog on another. */
  readonly whereabouts?: Whereabouts | undefined
  readonly onStateChange?: ((state: WorkerState) => void) | undefined
  readonly onRestoreProgress?: ((progress: RestoreProgress) => void) | undefined
  /** For tests: see `Committer`. */
  readonly onCrashPoint?: ((step: CommitStep) => void) | undefined
  /** Lets heartbeats and fetches run between slices of work. Default: one turn of the event loop. */
  readonly yieldToEventLoop?: (() => Promise<void>) | undefined
}

export function guaranteeOf({ guarantee }: StreamWorkerOptions): Guarantee {
  return guarantee ?? 'exactly_once'
}
