import { type JoinGroupRequest, kafkaError } from '@millrace/kafka'
import type { Answer } from '../api.ts'
import { joinError } from '../error-answers.ts'
import type { Timers } from '../timers.ts'
import type { CoordinatedGroup, GroupCoordinator } from './group-coordinator.ts'
import { Member, type Reply } from './member.ts'
import { joinAnswer } from './rebalance.ts'

const inconsistentGroupProtocol = 23
const invalidGroupId = 24
/** How long a new member may wait in a rebalance before it is taken for gone (Kafka: five minutes). */
const newMemberJoinTimeoutMs = 300_000
const sessionTimeoutMaxMs = 1_800_000

export interface JoinOptions {
  readonly coordinator: GroupCoordinator
  readonly timers: Timers
  readonly sessionTimeoutMinMs: number
  /** Makes a member id from the client's or the instance's name. */
  newMemberId(name: string): string
}

type JoinAnswer = Answer<'joinGroup'>

interface Joining extends CoordinatedGroup {
  readonly request: JoinGroupRequest
  readonly reply: Reply<JoinAnswer>
}

/** JoinGroup v5, held until the rebalance has all its members (Kafka's `classicGroupJoin`). */
export function join(
  options: JoinOptions,
  clientId: string,
  request: JoinGroupRequest,
): JoinAnswer | Promise<JoinAnswer> {
  const { memberId, sessionTimeoutMs } = request
  const isInRange =
    sessionTimeoutMs >= options.sessionTimeoutMinMs && sessionTimeoutMs <= sessionTimeoutMaxMs
  if (request.groupId === '') return joinError(memberId, invalidGroupId)
  if (!isInRange) return joinError(memberId, kafkaError.INVALID_SESSION_TIMEOUT)
  const isNew = memberId === ''
  const found = isNew
    ? options.coordinator.findOrCreate(request.groupId)
    : options.coordinator.find(request.groupId)
  if (found === undefined) return joinError(memberId, kafkaError.UNKNOWN_MEMBER_ID)
  if (!found.group.supports(request.protocolType, request.protocols)) {
    return joinError(memberId, inconsistentGroupProtocol)
  }
  return new Promise((reply) => {
    const joining = { ...found, request, reply }
    if (!isNew) joinExisting(joining)
    else if (request.groupInstanceId === null) giveMemberId(options, joining, clientId)
    else joinStatic(options, joining, request.groupInstanceId)
  })
}

/** KIP-394: a dynamic member joins with an id that it was given, so that a repeated join is no second member. */
function giveMemberId(options: JoinOptions, joining: Joining, clientId: string): void {
  const { group, rebalance, request, reply } = joining
  const memberId = options.newMemberId(clientId)
  const expire = (): void => {
    group.removePendingJoin(memberId)
    rebalance.removed()
  }
  group.pendingJoin.set(memberId, options.timers.set(request.sessionTimeoutMs, expire))
  reply(joinError(memberId, kafkaError.MEMBER_ID_REQUIRED))
}

function joinStatic(options: JoinOptions, joining: Joining, groupInstanceId: string): void {
  const newMemberId = options.newMemberId(groupInstanceId)
  const oldMemberId = joining.group.staticMembers.get(groupInstanceId)
  if (oldMemberId === undefined) add(joining, newMemberId)
  else replaceStatic(options.coordinator, joining, oldMemberId, newMemberId)
}

function joinExisting(joining: Joining): void {
  const { group, request, reply } = joining
  const { memberId } = request
  if (group.pendingJoin.has(memberId)) return add(joining, memberId)
  const errorCode = group.memberError(memberId, request.groupInstanceId)
  if (errorCode !== 0) return reply(joinError(memberId, errorCode))
  const member = group.members.get(memberId)!
  const isLeader = group.leaderId === memberId
  const isUnchanged = member.matches(request.protocols)
  // It lost the answer, or asks again without anything new: the generation stands.
  if (group.state === 'CompletingRebalance' && isUnchanged) {
    return reply(joinAnswer(group, memberId, isLeader))
  }
  // A leader that joins again knows of something that its metadata does not show.
  if (group.state === 'Stable' && isUnchanged && !isLeader) {
    return reply(joinAnswer(group, memberId, false))
  }
  hold(joining, member)
  joining.rebalance.prepareOrComplete()
}

function add(joining: Joining, memberId: string): void {
  const { group, rebalance, request } = joining
  const member = new Member(memberId, request)
  member.isNew = true
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') {
    group.newMemberAdded = true
  }
  group.add(member, request.protocolType)
  hold(joining, member)
  rebalance.renewSession(member, newMemberJoinTimeoutMs)
  rebalance.prepareOrComplete()
}

/** KIP-345: the instance is back under a new id; whoever still uses the old one is fenced. */
function replaceStatic(
  coordinator: GroupCoordinator,
  joining: Joining,
  oldMemberId: string,
  newMemberId: string,
): void {
  const { group, rebalance, request, reply } = joining
  const old = group.members.get(oldMemberId)!
  const leaderIdBefore = group.leaderId
  const protocolBefore = group.protocolName
  old.replyJoin(joinError(oldMemberId, kafkaError.FENCED_INSTANCE_ID))
  old.replySync({ errorCode: kafkaError.FENCED_INSTANCE_ID, assignment: Buffer.alloc(0) })
  const member = new Member(newMemberId, request)
  member.assignment = old.assignment
  group.replace(old, member)
  rebalance.renewSession(member)
  if (group.state === 'Stable' && group.selectProtocol() === protocolBefore) {
    coordinator.persist(group.groupId)
    // The leader's old id: before JoinGroup v9 a returning leader must not compute an assignment.
    return reply({ ...joinAnswer(group, newMemberId, false), leaderId: leaderIdBefore ?? '' })
  }
  hold(joining, member)
  rebalance.prepareOrComplete()
}

function hold({ request, reply }: Joining, member: Member): void {
  member.update(request)
  member.heldJoin = reply
}
