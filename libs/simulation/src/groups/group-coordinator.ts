import {
  kafkaError,
  type MemberIdentity,
  type OffsetCommitRequest,
  type OffsetFetchRequest,
  type PartitionError,
  type SyncGroupRequest,
  type TxnOffsetCommitRequest,
} from '@millrace/kafka'
import type { Answer } from '../api.ts'
import { joinError, partitionErrors } from '../error-answers.ts'
import type { Timers } from '../timers.ts'
import { Group } from './group.ts'
import type { GroupOffsets } from './group-offsets.ts'
import { emptyGroupRecord, type GroupRecord, recordOf, restore } from './group-record.ts'
import { Rebalance } from './rebalance.ts'

export interface GroupCoordinatorOptions {
  readonly timers: Timers
  readonly initialRebalanceDelayMs: number
}

/** A group with the course of its rebalances and what was written down of it. */
export interface CoordinatedGroup {
  group: Group
  rebalance: Rebalance
  record: GroupRecord
}

const noAssignment = Buffer.alloc(0)

/**
 * Answers the requests of consumer groups (classic protocol), all but JoinGroup (`join.ts`), as
 * Kafka's `GroupMetadataManager` and `OffsetMetadataManager` do. Groups are kept here whichever
 * broker coordinates them.
 */
export class GroupCoordinator {
  readonly #groups = new Map<string, CoordinatedGroup>()
  readonly #options: GroupCoordinatorOptions

  constructor(options: GroupCoordinatorOptions) {
    this.#options = options
  }

  groupIds(): string[] {
    return [...this.#groups.keys()]
  }

  find(groupId: string): CoordinatedGroup | undefined {
    return this.#groups.get(groupId)
  }

  findOrCreate(groupId: string): CoordinatedGroup {
    return this.#groups.get(groupId) ?? this.#place(new Group(groupId), emptyGroupRecord)
  }

  sync(request: SyncGroupRequest): Answer<'syncGroup'> | Promise<Answer<'syncGroup'>> {
    const refused = (errorCode: number) => ({ errorCode, assignment: noAssignment })
    const found = this.#groups.get(request.groupId)
    if (found === undefined) return refused(kafkaError.UNKNOWN_MEMBER_ID)
    const { group, rebalance } = found
    const errorCode = generationError(group, request)
    if (errorCode !== 0) return refused(errorCode)
    if (group.state === 'PreparingRebalance') return refused(kafkaError.REBALANCE_IN_PROGRESS)
    const member = group.members.get(request.memberId)!
    rebalance.synced(member)
    if (group.state === 'Stable') return { errorCode: 0, assignment: member.assignment }
    return new Promise((resolve) => {
      member.heldSync = resolve
      if (group.leaderId !== member.memberId) return
      rebalance.assign(new Map(request.assignments.map((each) => [each.memberId, each.assignment])))
    })
  }

  heartbeat(request: MemberIdentity): Answer<'heartbeat'> {
    const found = this.#groups.get(request.groupId)
    if (found === undefined) return { errorCode: kafkaError.UNKNOWN_MEMBER_ID }
    const { group, rebalance } = found
    const errorCode = generationError(group, request)
    if (errorCode !== 0) return { errorCode }
    rebalance.renewSession(group.members.get(request.memberId)!)
    const isRebalancing = group.state === 'PreparingRebalance'
    return { errorCode: isRebalancing ? kafkaError.REBALANCE_IN_PROGRESS : 0 }
  }

  leave(request: MemberIdentity): Answer<'leaveGroup'> {
    const { memberId, groupInstanceId } = request
    const found = this.#groups.get(request.groupId)
    if (found === undefined) return { errorCode: kafkaError.UNKNOWN_MEMBER_ID }
    const { group, rebalance } = found
    if (group.pendingJoin.has(memberId)) {
      group.removePendingJoin(memberId)
      rebalance.removed()
      return { errorCode: 0 }
    }
    // An administrator removes a static member by its instance id alone.
    const isByInstance = memberId === '' && groupInstanceId !== null
    const leavingId = isByInstance ? (group.staticMembers.get(groupInstanceId) ?? '') : memberId
    const errorCode = group.memberError(leavingId, groupInstanceId)
    if (errorCode !== 0) return { errorCode }
    const member = group.members.get(leavingId)!
    member.replyJoin(joinError('', kafkaError.UNKNOWN_MEMBER_ID))
    group.remove(leavingId)
    rebalance.removed()
    return { errorCode: 0 }
  }

  commitOffsets(request: OffsetCommitRequest): PartitionError[] {
    const errorCode = this.#commitError(request, false)
    if (errorCode !== 0) return partitionErrors(request.offsets, errorCode)
    const { group, rebalance } = this.findOrCreate(request.groupId)
    const member = group.members.get(request.memberId)
    const renews = group.state === 'Stable' || group.state === 'PreparingRebalance'
    if (member !== undefined && renews) rebalance.renewSession(member)
    group.offsets.commit(request.offsets)
    return partitionErrors(request.offsets, 0)
  }

  /** Offsets that become the group's when the producer's transaction commits. */
  commitPending(request: TxnOffsetCommitRequest): PartitionError[] {
    const errorCode = this.#commitError(request, true)
    if (errorCode !== 0) return partitionErrors(request.offsets, errorCode)
    this.offsetsOf(request.groupId).addPending(request.producerId, request.offsets)
    return partitionErrors(request.offsets, 0)
  }

  offsetsOf(groupId: string): GroupOffsets {
    return this.findOrCreate(groupId).group.offsets
  }

  fetchOffsets(request: OffsetFetchRequest): Answer<'offsetFetch'> {
    const offsets = this.#groups.get(request.groupId)?.group.offsets
    const partitions = request.partitions.map(({ topic, partition }) => {
      const isUnstable =
        request.requireStable && (offsets?.hasPending({ topic, partition }) ?? false)
      const errorCode = isUnstable ? kafkaError.UNSTABLE_OFFSET_COMMIT : 0
      const offset = isUnstable ? -1 : (offsets?.committed({ topic, partition }) ?? -1)
      const metadata = isUnstable ? undefined : offsets?.metadata({ topic, partition })
      return { topic, partition, errorCode, offset, metadata }
    })
    return { errorCode: 0, partitions }
  }

  describe(groupId: string): Answer<'describeGroup'> {
    const group = this.#groups.get(groupId)?.group
    // A broker calls a group that it does not know dead.
    return { errorCode: 0, state: group?.state ?? 'Dead', memberCount: group?.members.size ?? 0 }
  }

  delete(groupId: string): Answer<'deleteGroup'> {
    const found = this.#groups.get(groupId)
    if (found === undefined) return { errorCode: kafkaError.GROUP_ID_NOT_FOUND }
    if (found.group.state !== 'Empty') return { errorCode: kafkaError.NON_EMPTY_GROUP }
    found.rebalance.resign()
    this.#groups.delete(groupId)
    return { errorCode: 0 }
  }

  forgetTopic(topic: string): void {
    for (const { group } of this.#groups.values()) group.offsets.forgetTopic(topic)
  }

  /**
   * Hands the group to another coordinator: held requests are answered NOT_COORDINATOR, a rebalance
   * under way is lost, and the group stands again where it was last written down.
   */
  reload(groupId: string): void {
    const found = this.#groups.get(groupId)
    if (found === undefined) return
    found.rebalance.resign()
    const group = new Group(groupId, found.group.offsets)
    restore(group, found.record)
    const { rebalance } = this.#place(group, found.record)
    for (const member of group.members.values()) rebalance.renewSession(member)
  }

  /** Writes the group down, as a coordinator does into its log. */
  persist(groupId: string): void {
    const found = this.#groups.get(groupId)
    if (found !== undefined) found.record = recordOf(found.group)
  }

  #place(group: Group, record: GroupRecord): CoordinatedGroup {
    const { timers, initialRebalanceDelayMs } = this.#options
    const onSettled = (): void => this.persist(group.groupId)
    const rebalance = new Rebalance(group, timers, initialRebalanceDelayMs, onSettled)
    const placed = { group, rebalance, record }
    this.#groups.set(group.groupId, placed)
    return placed
  }

  #commitError(request: MemberIdentity, isTransactional: boolean): number {
    const group = this.#groups.get(request.groupId)?.group
    if (group === undefined) return request.generation < 0 ? 0 : kafkaError.ILLEGAL_GENERATION
    return group.commitError(request, isTransactional)
  }
}

function generationError(group: Group, request: MemberIdentity): number {
  const errorCode = group.memberError(request.memberId, request.groupInstanceId)
  if (errorCode !== 0) return errorCode
  return request.generation === group.generation ? 0 : kafkaError.ILLEGAL_GENERATION
}
