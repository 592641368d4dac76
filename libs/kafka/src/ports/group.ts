import type { TopicPartition } from '@millrace/record'
import type { CommittedOffset } from './cluster.ts'

/** Identifies a member in an offset commit, so that the group fences zombies. */
export interface GroupMetadata {
  readonly groupId: string
  readonly memberId: string
  readonly generation: number
  readonly groupInstanceId: string | null
}

/** One member as the leader's assignor sees it. */
export interface Subscriber {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  readonly userData: Buffer
  /** What it held when it joined (KIP-429). */
  readonly ownedPartitions: readonly TopicPartition[]
}

/**
 * Decides who should read what, as if nothing had to be handed over. The port makes it cooperative
 * (KIP-429): a partition that changes hands is withheld until its owner has given it up.
 */
export interface Assignor {
  /** The protocol's name in the group; members must share one. */
  readonly name: string
  assign(
    subscribers: readonly Subscriber[],
    partitionCounts: ReadonlyMap<string, number>,
  ): ReadonlyMap<
    string,
    { readonly partitions: readonly TopicPartition[]; readonly userData: Buffer }
  >
}

/**
 * Called by the member, one at a time, and awaited: nothing further happens in the group before
 * the promise resolves (heartbeats go on). Take care to stay below the rebalance time-out.
 *
 * A callback that rejects: with recovery `retry` the member logs it and goes on; with `rejoin`
 * everything owned is lost and the member joins anew; with any other error it ends with `onFatal`.
 * After `leave` nothing is called, and a callback under way is not waited for.
 */
export interface GroupListener {
  /**
   * A JoinGroup is about to be sent while partitions are owned: commit what is processed. They stay
   * owned, and may be processed further, but `commit` rejects with `MILLRACE_KAFKA_RETRIABLE` from
   * here to the next call of the listener.
   */
  onRejoin?(): Promise<void>
  /** Partitions to give up in good order: finish, commit, close. Called before the next JoinGroup. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>
  /** Newly owned partitions, and the leader's data for this member. Also called with none. */
  onAssigned(partitions: readonly TopicPartition[], userData: Buffer): Promise<void>
  /** Partitions that already belong to somebody else (session expired, fenced): drop, do not commit. */
  onLost(partitions: readonly TopicPartition[]): Promise<void>
  /** The member cannot go on: authentication, authorisation, fenced instance id. */
  onFatal(error: Error): void
}

export interface GroupMemberOptions {
  readonly groupId: string
  /** Static membership (KIP-345): a restart within the session time-out causes no rebalance. */
  readonly groupInstanceId?: string | undefined
  readonly topics: readonly string[]
  readonly assignor: Assignor
  readonly listener: GroupListener
  /** Asked for at each join. */
  userData(): Buffer
  /** Default 45,000 dynamic. */
  readonly sessionTimeoutMs?: number
  /** Default 60,000. */
  readonly rebalanceTimeoutMs?: number
  /** Default 3,000. */
  readonly heartbeatIntervalMs?: number
}

export interface GroupMember {
  /** Joins and stays joined, with its own heartbeat timer, until `leave` or `onFatal`. Retries by itself. */
  start(): void
  /** Where the member stands now; commits with it are fenced by generation. */
  metadata(): GroupMetadata
  /** Milliseconds since the coordinator last accepted a request of this member; infinite before the first. */
  silentMs(): number
  /**
   * OffsetCommit v7, repeated while the coordinator moves. Rejects with `MILLRACE_KAFKA_FENCED`
   * (recovery `rejoin`) where the generation is over or a partition is not owned, so that a zombie
   * never moves the group's offsets; with `MILLRACE_KAFKA_RETRIABLE` while a rebalance is under way.
   */
  commit(offsets: readonly CommittedOffset[]): Promise<void>
  /** Asks the group to assign again (for example: partitions were added). */
  rejoin(): void
  /**
   * Stops without calling the listener: commit and close first. `leaveGroup` gives the partitions
   * up at once (a dynamic member's default); false keeps the membership until the session ends, for
   * a static member's quick restart. Never rejects.
   */
  leave(options: { readonly leaveGroup: boolean }): Promise<void>
}
