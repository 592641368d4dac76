import type { TaskRestore } from '@millrace/store'

/** One changelog partition that a task needs. */
export interface RestorePart {
  readonly store: string
  readonly topic: string
  readonly partition: number
  readonly fromOffset: number
  /** The log's end, read-uncommitted, captured before the restore began. */
  readonly endOffset: number
}

/** All changelogs of one task. */
export interface RestoreJob {
  readonly task: string
  readonly parts: readonly RestorePart[]
  readonly target: TaskRestore
}

/** What is told while a restore runs. */
export interface RestoreProgress {
  readonly task: string
  readonly store: string
  readonly restoredRecords: number
  readonly remainingRecords: number
}
