import type { SourcePosition, TaskState } from '@millrace/store'
import type { Logger, Whereabouts } from '@millrace/telemetry'
import type { Clock } from '@millrace/time'
import type { Topology } from '@millrace/topology'
import type { TaskDefinition } from '../assignment/task-definition.ts'
import type { FailureObserver } from '../failure/failure-handler.ts'
import type { FailurePolicies } from '../failure/failure-policies.ts'
import type { MarkedRecords } from '../failure/marked-records.ts'
import type { GlobalTables } from '../global/global-tables.ts'
import type { RecordCollector } from '../output/record-collector.ts'
import type { SourceNote } from '../restore/kept-times.ts'
import type { TimePlan } from '../time/time-plan.ts'

export interface StreamTaskOptions {
  readonly definition: TaskDefinition
  readonly topology: Topology
  readonly applicationId: string
  /** Restored; null where the sub-topology has no stores. The same `position` was given to it. */
  readonly state: TaskState | null
  readonly position: SourcePosition
  readonly collector: RecordCollector
  readonly timePlan: TimePlan
  readonly clock: Clock
  /** Where the topology has global tables. */
  readonly globalTables?: GlobalTables | null | undefined
  readonly policies: FailurePolicies
  readonly deadLetterTopic?: string | undefined
  /** Kept from one run of the task to the next: a record that failed half-way is marked in it. */
  readonly marked?: MarkedRecords | undefined
  readonly onFailure?: FailureObserver | undefined
  readonly logger?: Logger | undefined
  /** Where the thread is, for a watchdog on another. */
  readonly whereabouts?: Whereabouts | undefined
  /** Where to read on in each source, by `partitionKey`. */
  readonly startOffsets: ReadonlyMap<string, number>
  /** What is noted beside the offsets, by `partitionKey`. */
  readonly sourceNotes?: ReadonlyMap<string, SourceNote> | undefined
  /** Times the calls of `mapAsync`; left out, `clock`. */
  readonly callClock?: Clock | undefined
  /** A record that had to wait may go on: for a loop that would sleep. */
  readonly onReady?: (() => void) | undefined
  /** See `PartitionGroup`. Default 0. */
  readonly maxTaskIdleMs?: number | undefined
  /** See `TimeStamper`. Default 1,000. */
  readonly markerIntervalMs?: number | undefined
  /** Silence after which the task's sources no longer hold back time downstream. Default 60,000. */
  readonly idleOutAfterMs?: number | undefined
  /** Bounds of each source's queue; see `RecordQueue`. */
  readonly queueRecordsMax?: number | undefined
  readonly queueBytesMax?: number | undefined
}
