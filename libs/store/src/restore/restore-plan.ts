import { unreachable } from '@millrace/errors'

/** Facts about one store's changelog partition and the local state, taken before a restore. */
export interface RestoreFacts {
  /** `Positions.changelogOffsets` of the store; `undefined` where none is recorded. */
  readonly recordedOffset: number | undefined
  /** First offset still in the changelog partition. */
  readonly logStartOffset: number
  /** End of the changelog partition, captured before the first read (read-uncommitted). */
  readonly logEndOffset: number
  /** `Positions.committedAtMs`. */
  readonly committedAtMs: number
  readonly nowMs: number
  /** The changelog topic's `delete.retention.ms`. */
  readonly deleteRetentionMs: number
}

/** Why a state on disk cannot be carried on and the whole changelog is read into an empty one. */
export type FullRestoreReason =
  | 'no-state'
  | 'ahead-of-changelog'
  | 'changelog-truncated'
  | 'away-too-long'

export type RestorePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'tail'; readonly fromOffset: number }
  | {
      readonly kind: 'full'
      readonly fromOffset: number
      readonly reason: FullRestoreReason
      /** One sentence for the log. */
      readonly message: string
    }

/**
 * How much of a changelog must be read. `full` with a state on disk means that the backend is
 * destroyed first: the task's stores share it, so all of them are then restored in full.
 */
export function planRestore(facts: RestoreFacts): RestorePlan {
  const { recordedOffset, logStartOffset, logEndOffset } = facts
  if (recordedOffset === undefined) return full(facts, 'no-state')
  if (recordedOffset > logEndOffset) return full(facts, 'ahead-of-changelog')
  if (recordedOffset === logEndOffset) return { kind: 'none' }
  if (recordedOffset < logStartOffset) return full(facts, 'changelog-truncated')
  // A tombstone may be gone by now, and the row that it removed would stay here for ever.
  const isAwayTooLong = facts.nowMs - facts.committedAtMs >= facts.deleteRetentionMs
  if (isAwayTooLong) return full(facts, 'away-too-long')
  return { kind: 'tail', fromOffset: recordedOffset }
}

function full(facts: RestoreFacts, reason: FullRestoreReason): RestorePlan {
  return { kind: 'full', fromOffset: facts.logStartOffset, reason, message: explain(facts, reason) }
}

function explain(facts: RestoreFacts, reason: FullRestoreReason): string {
  const { recordedOffset, logStartOffset, logEndOffset, deleteRetentionMs } = facts
  switch (reason) {
    case 'no-state':
      return 'there is no local state'
    case 'ahead-of-changelog':
      return `the local state is at changelog offset ${recordedOffset}, the changelog ends at ${logEndOffset}: was the topic made anew?`
    case 'changelog-truncated':
      return `the local state is at changelog offset ${recordedOffset}, the changelog starts at ${logStartOffset}: records were deleted`
    case 'away-too-long':
      return `the local state was away for longer than delete.retention.ms (${deleteRetentionMs})`
    default:
      return unreachable(reason)
  }
}
