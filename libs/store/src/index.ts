export type { KeyRange, StateBackend, WriteOperation } from './backend.ts'
export {
  type ChangeKind,
  type ChangelogRecord,
  type ChangeStamp,
  decodeStamp,
  encodeStamp,
  stampHeader,
  stampOf,
} from './changelog/changelog-record.ts'
export {
  type ChangelogTopicOptions,
  type ChangelogTopicProblem,
  changelogTopicConfigs,
  checkChangelogTopic,
  deleteRetentionMsDefault,
} from './changelog/changelog-topic.ts'
export { type HandleHolder, HandleKeeper } from './leveldb/handle-keeper.ts'
export { LevelBackend, type LevelBackendOptions } from './leveldb/level-backend.ts'
export { MemoryBackend } from './memory/memory-backend.ts'
export type {
  RestoreCounts,
  RestoredRecord,
  RestoreOptions,
  TaskRestore,
} from './restore/restore.ts'
export {
  type FullRestoreReason,
  planRestore,
  type RestoreFacts,
  type RestorePlan,
} from './restore/restore-plan.ts'
export type { RowStoreCounts } from './rows/row-store.ts'
export type { StoredRow } from './rows/stored-rows.ts'
export { noWindow, type Row, type RowContent, type Store, type StoreSpec } from './store.ts'
export { inspectState, type StateReport } from './task/inspect-state.ts'
export type { InputOffset, Positions, SourcePosition } from './task/positions.ts'
export type { CommittedPositions, SealedChanges, SealedStore } from './task/sealed-changes.ts'
export type { RecordedIdentity, RecordedStore, TaskIdentity } from './task/task-identity.ts'
export { TaskState, type TaskStateOptions } from './task/task-state.ts'
