import { assert } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { Assignor, Subscriber } from '../../../ports/group.ts'
import type { JoinGroupAnswer, SyncGroupRequest } from '../../../ports/transport.ts'
import type { GroupLogger } from '../dependencies.ts'
import { decodeSubscription, encodeAssignment, type Subscription } from './consumer-protocol.ts'
import { Owners, withholdHeld } from './cooperative.ts'
import { PartitionSet } from './partition-set.ts'

type Member = JoinGroupAnswer['members'][number]

export interface ReadMember extends Subscription {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/**
 * The members' subscriptions, each as it stands: they need not be alike. One that cannot be read
 * gets nothing, so that a stranger does not stop the group.
 */
export function readMembers(
  members: readonly Member[],
  logger: GroupLogger,
): readonly ReadMember[] {
  return members.map(({ memberId, groupInstanceId, metadata }) => {
    try {
      return { memberId, groupInstanceId, ...decodeSubscription(metadata) }
    } catch (error) {
      logger.warn(
        { memberId, err: error },
        'a group member sent a subscription that cannot be read',
      )
      const nothing = { topics: [], userData: Buffer.alloc(0), ownedPartitions: [], generation: -1 }
      return { memberId, groupInstanceId, ...nothing }
    }
  })
}

export function topicsOf(members: readonly ReadMember[]): readonly string[] {
  return [...new Set(members.flatMap((member) => member.topics))].sort()
}

/** The leader's work: the assignor's target, less what others still hold, as SyncGroup carries it. */
export function planAssignments(
  members: readonly ReadMember[],
  assignor: Assignor,
  partitionCounts: ReadonlyMap<string, number>,
): SyncGroupRequest['assignments'] {
  const owners = new Owners(
    members.map(({ memberId, generation, ownedPartitions }) => ({
      memberId,
      generation,
      partitions: ownedPartitions,
    })),
  )
  const target = assignor.assign(
    members.map((member) => toSubscriber(member, owners)),
    partitionCounts,
  )
  const partitions = new Map<string, readonly TopicPartition[]>()
  for (const { memberId } of members)
    partitions.set(memberId, target.get(memberId)?.partitions ?? [])
  assertTarget(assignor, partitions, target.keys())
  const assigned = withholdHeld(partitions, owners)
  return members.map(({ memberId }) => ({
    memberId,
    assignment: encodeAssignment({
      partitions: assigned.get(memberId) ?? [],
      userData: target.get(memberId)?.userData ?? Buffer.alloc(0),
    }),
  }))
}

/** An assignor sees claims that hold; what two members claim at once belongs to neither. */
function toSubscriber(member: ReadMember, owners: Owners): Subscriber {
  const { memberId, groupInstanceId, topics, userData, ownedPartitions } = member
  return {
    memberId,
    groupInstanceId,
    topics,
    userData,
    ownedPartitions: ownedPartitions.filter((partition) => owners.ownerOf(partition) === memberId),
  }
}

function assertTarget(
  assignor: Assignor,
  target: ReadonlyMap<string, readonly TopicPartition[]>,
  memberIds: Iterable<string>,
): void {
  for (const memberId of memberIds) {
    assert(
      target.has(memberId),
      `assignor ${assignor.name} assigns to ${memberId}, who is no member`,
    )
  }
  const seen = new PartitionSet()
  for (const partition of [...target.values()].flat()) {
    const isTwice = seen.has(partition)
    assert(
      !isTwice,
      `assignor ${assignor.name} assigns ${partition.topic}[${partition.partition}] twice`,
    )
    seen.add(partition)
  }
}
