import { kafkaError } from '@millrace/kafka'
import type { CancelTimer } from '@millrace/time'
import type { Answer } from '../api.ts'
import { joinError } from '../error-answers.ts'
import type { Timers } from '../timers.ts'
import type { Group } from './group.ts'
import type { Member } from './member.ts'

const noAssignment = Buffer.alloc(0)

/**
 * The course of one group's rebalances: holds JoinGroup until all have joined or the time-out is
 * over, then SyncGroup until the leader has synced (Kafka's `GroupMetadataManager`, classic part).
 */
export class Rebalance {
  readonly #group: Group
  readonly #timers: Timers
  readonly #initialDelayMs: number
  readonly #onSettled: () => void
  #cancelJoinTimer: CancelTimer | null = null
  #cancelSyncTimer: CancelTimer | null = null

  /** `onSettled`: the group became stable or empty, which a coordinator writes to its log. */
  constructor(group: Group, timers: Timers, initialDelayMs: number, onSettled: () => void) {
    this.#group = group
    this.#timers = timers
    this.#initialDelayMs = initialDelayMs
    this.#onSettled = onSettled
  }

  /** After a member came, changed or left. */
  prepareOrComplete(): void {
    if (this.#group.canRebalance()) this.prepare()
    else this.completeIfAllJoined()
  }

  prepare(): void {
    const group = this.#group
    if (group.state === 'CompletingRebalance') this.#refuseSyncs()
    this.#cancelSync()
    const isInitial = group.state === 'Empty'
    group.transitionTo('PreparingRebalance')
    if (isInitial && this.#initialDelayMs > 0) this.#holdOpen(this.#initialDelayMs)
    else if (group.hasAllJoined()) this.#complete()
    else this.#setJoinTimer(group.rebalanceTimeoutMs, () => this.#complete())
  }

  /** The first rebalance of a group is left to its timer, so that more members can join it. */
  completeIfAllJoined(): void {
    const group = this.#group
    if (group.state !== 'PreparingRebalance' || !group.hasAllJoined()) return
    if (group.previousState === 'Empty' && this.#initialDelayMs > 0) return
    this.#complete()
  }

  /** The leader's assignment for all members. */
  assign(assignments: ReadonlyMap<string, Buffer>): void {
    const group = this.#group
    for (const member of group.members.values()) {
      member.assignment = assignments.get(member.memberId) ?? noAssignment
    }
    this.#replySyncs(0)
    group.transitionTo('Stable')
    this.#onSettled()
  }

  synced(member: Member): void {
    this.#group.pendingSync.delete(member.memberId)
    if (this.#group.pendingSync.size === 0) this.#cancelSync()
  }

  /** Starts the session anew, as a heartbeat does. */
  renewSession(member: Member, timeoutMs: number = member.sessionTimeoutMs): void {
    member.setSession(this.#timers.set(timeoutMs, () => this.#expire(member)))
  }

  /** A member left, or was found gone. */
  removed(): void {
    const { state } = this.#group
    if (state === 'Stable' || state === 'CompletingRebalance') this.prepareOrComplete()
    else this.completeIfAllJoined()
  }

  /** Answers what is held and stops every timer; the group goes on at another coordinator. */
  resign(): void {
    this.#cancelJoin()
    this.#cancelSync()
    for (const member of this.#group.members.values()) {
      member.setSession(null)
      member.replyJoin(joinError(member.memberId, kafkaError.NOT_COORDINATOR))
      member.replySync({ errorCode: kafkaError.NOT_COORDINATOR, assignment: noAssignment })
    }
    for (const cancel of this.#group.pendingJoin.values()) cancel()
  }

  #holdOpen(remainingMs: number): void {
    const delayMs = Math.min(this.#initialDelayMs, remainingMs)
    const leftMs = Math.max(this.#group.rebalanceTimeoutMs - delayMs, 0)
    this.#setJoinTimer(delayMs, () => this.#closeOrHold(leftMs))
  }

  #closeOrHold(leftMs: number): void {
    if (!this.#group.newMemberAdded || leftMs === 0) return this.#complete()
    this.#group.newMemberAdded = false
    const delayMs = Math.min(this.#initialDelayMs, leftMs)
    this.#setJoinTimer(delayMs, () => this.#closeOrHold(Math.max(leftMs - delayMs, 0)))
  }

  #complete(): void {
    const group = this.#group
    this.#cancelJoin()
    for (const member of [...group.members.values()]) {
      // Static members keep their place while their session lasts.
      const isGone = member.heldJoin === null && member.groupInstanceId === null
      if (isGone) group.remove(member.memberId)
    }
    if (group.members.size > 0 && !group.electJoinedLeader()) {
      this.#setJoinTimer(group.rebalanceTimeoutMs, () => this.#complete())
      return
    }
    group.nextGeneration()
    if (group.state === 'Empty') return this.#onSettled()
    for (const member of group.members.values()) {
      const reply = joinAnswer(group, member.memberId, group.leaderId === member.memberId)
      member.replyJoin(reply)
      this.renewSession(member)
      member.isNew = false
      group.pendingSync.add(member.memberId)
    }
    this.#cancelSyncTimer = this.#timers.set(group.rebalanceTimeoutMs, () => this.#expireSyncs())
  }

  #expireSyncs(): void {
    const group = this.#group
    if (group.pendingSync.size === 0) return
    for (const memberId of [...group.pendingSync]) group.remove(memberId)
    this.prepare()
  }

  #expire(member: Member): void {
    const group = this.#group
    if (group.members.get(member.memberId) !== member || !member.isExpirable) return
    member.replyJoin(joinError('', kafkaError.UNKNOWN_MEMBER_ID))
    group.remove(member.memberId)
    this.removed()
  }

  #refuseSyncs(): void {
    for (const member of this.#group.members.values()) member.assignment = noAssignment
    this.#replySyncs(kafkaError.REBALANCE_IN_PROGRESS)
  }

  #replySyncs(errorCode: number): void {
    for (const member of this.#group.members.values()) {
      const wasHeld = member.replySync({ errorCode, assignment: member.assignment })
      if (wasHeld) this.renewSession(member)
    }
  }

  #setJoinTimer(delayMs: number, callback: () => void): void {
    this.#cancelJoin()
    this.#cancelJoinTimer = this.#timers.set(delayMs, callback)
  }

  #cancelJoin(): void {
    this.#cancelJoinTimer?.()
    this.#cancelJoinTimer = null
  }

  #cancelSync(): void {
    this.#group.pendingSync.clear()
    this.#cancelSyncTimer?.()
    this.#cancelSyncTimer = null
  }
}

/** The group as it stands, for one of its members; the members' metadata for the leader only. */
export function joinAnswer(
  group: Group,
  memberId: string,
  withMembers: boolean,
): Answer<'joinGroup'> {
  const protocolName = group.protocolName ?? ''
  const members = [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    metadata: member.metadataFor(protocolName),
  }))
  return {
    errorCode: 0,
    generation: group.generation,
    protocolName,
    leaderId: group.leaderId ?? '',
    memberId,
    members: withMembers ? members : [],
  }
}
