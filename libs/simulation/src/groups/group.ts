import { assert } from '@millrace/errors'
import { kafkaError, type MemberIdentity } from '@millrace/kafka'
import type { CancelTimer } from '@millrace/time'
import { GroupOffsets } from './group-offsets.ts'
import type { Member, Protocols } from './member.ts'

/**
 * ```
 *          join                all joined             leader synced
 *  Empty ───────► PreparingRebalance ───► CompletingRebalance ───► Stable
 *    ▲                 │      ▲                   │                  │
 *    └── nobody left ──┘      └── join, leave, time-out ─────────────┘
 * ```
 */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'

const successors: { readonly [S in GroupState]: readonly GroupState[] } = {
  Empty: ['PreparingRebalance', 'Empty'],
  PreparingRebalance: ['CompletingRebalance', 'Empty'],
  CompletingRebalance: ['Stable', 'PreparingRebalance'],
  Stable: ['PreparingRebalance'],
}

/** A consumer group of the classic protocol, without its timers (Kafka's `ClassicGroup`). */
export class Group {
  readonly groupId: string
  readonly offsets: GroupOffsets
  readonly members = new Map<string, Member>()
  /** Member id by group instance id. */
  readonly staticMembers = new Map<string, string>()
  /** Ids that were given out and have not joined yet, each with its time-out. */
  readonly pendingJoin = new Map<string, CancelTimer>()
  /** Members that have their generation and have not synced yet. */
  readonly pendingSync = new Set<string>()
  generation = 0
  protocolType: string | null = null
  protocolName: string | null = null
  leaderId: string | null = null
  /** A member came while the first rebalance was being held open. */
  newMemberAdded = false
  #state: GroupState = 'Empty'
  #previousState: GroupState = 'Empty'

  constructor(groupId: string, offsets: GroupOffsets = new GroupOffsets()) {
    this.groupId = groupId
    this.offsets = offsets
  }

  get state(): GroupState {
    return this.#state
  }

  get previousState(): GroupState {
    return this.#previousState
  }

  transitionTo(state: GroupState): void {
    assert(
      successors[this.#state].includes(state),
      `group ${this.groupId}: ${this.#state} → ${state}`,
    )
    this.#previousState = this.#state
    this.#state = state
  }

  canRebalance(): boolean {
    return successors[this.#state].includes('PreparingRebalance')
  }

  add(member: Member, protocolType: string): void {
    if (this.members.size === 0) this.protocolType = protocolType
    if (member.groupInstanceId !== null) {
      this.staticMembers.set(member.groupInstanceId, member.memberId)
    }
    this.leaderId ??= member.memberId
    this.members.set(member.memberId, member)
    this.removePendingJoin(member.memberId)
  }

  remove(memberId: string): void {
    const member = this.members.get(memberId)
    member?.setSession(null)
    this.members.delete(memberId)
    if (member !== undefined && member.groupInstanceId !== null) {
      this.staticMembers.delete(member.groupInstanceId)
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null
    this.removePendingJoin(memberId)
    this.pendingSync.delete(memberId)
  }

  removePendingJoin(memberId: string): void {
    this.pendingJoin.get(memberId)?.()
    this.pendingJoin.delete(memberId)
  }

  /** The same static member under its new id. */
  replace(old: Member, renewed: Member): void {
    old.setSession(null)
    this.members.delete(old.memberId)
    this.members.set(renewed.memberId, renewed)
    this.staticMembers.set(renewed.groupInstanceId!, renewed.memberId)
    if (this.leaderId === old.memberId) this.leaderId = renewed.memberId
  }

  hasAllJoined(): boolean {
    return this.pendingJoin.size === 0 && [...this.members.values()].every(isJoining)
  }

  /** False where nobody has joined: the rebalance cannot be finished. */
  electJoinedLeader(): boolean {
    const leader = this.leaderId === null ? undefined : this.members.get(this.leaderId)
    if (leader !== undefined && isJoining(leader)) return true
    const elected = [...this.members.values()].find(isJoining)
    if (elected === undefined) return false
    this.leaderId = elected.memberId
    return true
  }

  nextGeneration(): void {
    this.generation++
    this.pendingSync.clear()
    const isEmpty = this.members.size === 0
    this.protocolName = isEmpty ? null : this.selectProtocol()
    this.transitionTo(isEmpty ? 'Empty' : 'CompletingRebalance')
  }

  /** The largest of its members'. */
  get rebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs))
  }

  supports(protocolType: string, protocols: Protocols): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0
    if (protocolType !== this.protocolType) return false
    return protocols.some(({ name }) => this.#isSupportedByAll(name))
  }

  /** Among the protocols that all members support, the one that most members name first. */
  selectProtocol(): string {
    const votes = new Map<string, number>()
    for (const { protocols } of this.members.values()) {
      const vote = protocols.find(({ name }) => this.#isSupportedByAll(name))
      if (vote) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1)
    }
    return [...votes].reduce((best, next) => (next[1] > best[1] ? next : best))[0]
  }

  /** 0, or the error for a request in the name of a member that the group does not have. */
  memberError(memberId: string, groupInstanceId: string | null): number {
    if (groupInstanceId !== null) {
      const known = this.staticMembers.get(groupInstanceId)
      if (known === undefined) return kafkaError.UNKNOWN_MEMBER_ID
      if (known !== memberId) return kafkaError.FENCED_INSTANCE_ID
    }
    return this.members.has(memberId) ? 0 : kafkaError.UNKNOWN_MEMBER_ID
  }

  /** 0, or why an offset commit is refused (Kafka's `ClassicGroup.validateOffsetCommit`). */
  commitError(member: MemberIdentity, isTransactional: boolean): number {
    const { generation, memberId, groupInstanceId } = member
    if (generation < 0 && this.#state === 'Empty') return 0
    if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
      const errorCode = this.memberError(memberId, groupInstanceId)
      if (errorCode !== 0) return errorCode
      if (generation !== this.generation) return kafkaError.ILLEGAL_GENERATION
    } else if (!isTransactional) {
      return kafkaError.UNKNOWN_MEMBER_ID
    }
    const isSyncing = this.#state === 'CompletingRebalance'
    return !isTransactional && isSyncing ? kafkaError.REBALANCE_IN_PROGRESS : 0
  }

  #isSupportedByAll(protocolName: string): boolean {
    return [...this.members.values()].every(({ protocols }) =>
      protocols.some(({ name }) => name === protocolName),
    )
  }
}

function isJoining(member: Member): boolean {
  return member.heldJoin !== null
}
