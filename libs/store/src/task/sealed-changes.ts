import type { WriteOperation } from '../backend.ts'
import type { ChangelogRecord } from '../changelog/changelog-record.ts'
import type { InputOffset } from './positions.ts'

/** What one commit changes in one store. */
export interface SealedStore {
  readonly name: string
  /** For the store's changelog topic, in this order, into the task's partition. */
  readonly records: readonly ChangelogRecord[]
  /** The same changes for the backend. */
  readonly operations: readonly WriteOperation[]
}

/** What one commit changes in all stores of a task; stores without a change are left out. */
export interface SealedChanges {
  readonly stores: readonly SealedStore[]
  /** Over all stores. */
  readonly recordCount: number
}

/** How far a commit goes; written with the changes in one batch. */
export interface CommittedPositions {
  /** Next offset to read of each source partition of the task. All of them, each time. */
  readonly inputOffsets: readonly InputOffset[]
  /** Next offset to read of the changelog, for stores that were written; others keep theirs. */
  readonly changelogOffsets: ReadonlyMap<string, number>
  /** Wall clock. */
  readonly atMs: number
}
