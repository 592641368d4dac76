import type { GroupMemberOptions } from '../../ports/group.ts'

/** The member's options with every default filled in, and the bounds that are not for choosing. */
export interface GroupSettings {
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** JoinGroup and SyncGroup are held by the coordinator; after this they count as lost. */
  readonly heldRequestTimeoutMs: number
  /** A commit is repeated so long while the coordinator cannot be reached. */
  readonly commitTimeoutMs: number
  readonly leaveTimeoutMs: number
  /** How often the leader looks whether topics got more partitions. */
  readonly topicCheckIntervalMs: number
}

export function settingsOf(options: GroupMemberOptions): GroupSettings {
  const {
    sessionTimeoutMs = 45_000,
    rebalanceTimeoutMs = 60_000,
    heartbeatIntervalMs = 3_000,
  } = options
  return {
    sessionTimeoutMs,
    rebalanceTimeoutMs,
    heartbeatIntervalMs,
    heldRequestTimeoutMs: rebalanceTimeoutMs + 10_000,
    commitTimeoutMs: 30_000,
    leaveTimeoutMs: 5_000,
    topicCheckIntervalMs: 30_000,
  }
}
