import type { Group } from './group.ts'
import { Member } from './member.ts'

/** What a coordinator has written down of a group, and a new coordinator starts from. */
export interface GroupRecord {
  readonly generation: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leaderId: string | null
  readonly members: readonly Member[]
}

export const emptyGroupRecord: GroupRecord = {
  generation: 0,
  protocolType: null,
  protocolName: null,
  leaderId: null,
  members: [],
}

export function recordOf(group: Group): GroupRecord {
  const { generation, protocolType, protocolName, leaderId } = group
  const members = [...group.members.values()].map(copyOf)
  return { generation, protocolType, protocolName, leaderId, members }
}

/** Puts a new, empty group where the record says. */
export function restore(group: Group, record: GroupRecord): void {
  group.generation = record.generation
  if (record.members.length === 0) return
  for (const member of record.members) group.add(copyOf(member), record.protocolType ?? '')
  group.protocolName = record.protocolName
  group.leaderId = record.leaderId
  group.transitionTo('PreparingRebalance')
  group.transitionTo('CompletingRebalance')
  group.transitionTo('Stable')
}

function copyOf(member: Member): Member {
  const copy = new Member(member.memberId, member)
  copy.assignment = member.assignment
  return copy
}
