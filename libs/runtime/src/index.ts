export {
  type AssignmentData,
  decodeAssignmentData,
  decodeMemberData,
  type MemberData,
} from './assignment/member-data.ts'
export { createTaskAssignor } from './assignment/task-assignor.ts'
export { partitionKey, type TaskDefinition, tasksOf } from './assignment/task-definition.ts'
export { AtLeastOnce, type OffsetCommitter } from './commit/at-least-once.ts'
export {
  type CommitOutcome,
  type CommitStep,
  Committer,
  type CommitterOptions,
  commitSteps,
  commitTasks,
} from './commit/commit.ts'
export type { Delivery } from './commit/delivery.ts'
export { ExactlyOnce } from './commit/exactly-once.ts'
export { logDecisions } from './decisions/decision-record.ts'
export { markDecided } from './decisions/mark-decided.ts'
export { readDecisions } from './decisions/read-decisions.ts'
export { letterPosition } from './failure/dead-letter.ts'
export type { DeadLetterPatch, FailedRecord, PatchedLetter } from './failure/dead-letter-patch.ts'
export { isSetAside } from './failure/failure-handler.ts'
export {
  type FailureOptions,
  type FailurePolicies,
  type FailurePolicy,
  failurePolicies,
} from './failure/failure-policies.ts'
export { MarkedRecords } from './failure/marked-records.ts'
export { GlobalTables, type GlobalTablesOptions } from './global/global-tables.ts'
export { type PreparedTopics, prepareTopics } from './internal-topics/prepare-topics.ts'
export { readLatest } from './internal-topics/read-latest.ts'
export { readPartition } from './internal-topics/read-partition.ts'
export {
  changelogTopic,
  decisionsTopic,
  planTopic,
  repartitionTopic,
  settledLettersTopic,
  skipsTopic,
  sourceTopicsOf,
} from './internal-topics/topic-names.ts'
export {
  configProblems,
  countProblems,
  type TopicProblem,
} from './internal-topics/topic-problems.ts'
export {
  existingCounts,
  externalTopicsOf,
  type InternalTopic,
  outputTopicsOf,
  planTopics,
  type TopicSet,
  type TopicSetOptions,
} from './internal-topics/topic-set.ts'
export { RecordCollector, type RecordCollectorOptions } from './output/record-collector.ts'
export { TimestampRefusals } from './output/timestamp-refusals.ts'
export type { RestoreProgress } from './restore/restore-job.ts'
export { type RestoreStateOptions, restoreState } from './restore/restore-state.ts'
export { Restorer, type RestorerOptions } from './restore/restorer.ts'
export { readStartOffsets, type StartOffsets } from './restore/start-offsets.ts'
export { memoryBackends, type StateBackends, stateDirectory } from './restore/state-backends.ts'
export { readSkips } from './skips/read-skips.ts'
export {
  encodeSkip,
  newSkipsTopic,
  parsePosition,
  type SkipRecord,
} from './skips/skip-record.ts'
export { StreamTask } from './task/stream-task.ts'
export type { StreamTaskOptions } from './task/stream-task-options.ts'
export { TimePlan } from './time/time-plan.ts'
export { prepareSerdes } from './worker/prepare-serdes.ts'
export { createStreamWorker, type StreamWorker } from './worker/stream-worker.ts'
export type { ClusterPurpose, StreamWorkerOptions } from './worker/worker-options.ts'
export { type WorkerState, workerStates } from './worker/worker-state.ts'
