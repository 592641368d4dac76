import type { Assignor, Subscriber } from '@millrace/kafka'
import type { Topology } from '@millrace/topology'
import { balance, type Candidate } from './balance.ts'
import {
  type AssignmentData,
  decodeMemberData,
  encodeAssignmentData,
  type MemberData,
} from './member-data.ts'
import { partitionKey, type TaskDefinition, tasksOf } from './task-definition.ts'

/**
 * Assigns tasks, not partitions: all partitions of a task go to one member. Sticky and balanced
 * (Kafka Streams' `StickyTaskAssignor`); the port makes the hand-over cooperative.
 */
export function createTaskAssignor(topology: Topology, applicationId: string): Assignor {
  return {
    name: 'millrace-tasks-1',
    assign(subscribers, partitionCounts) {
      const tasks = tasksOf(topology, applicationId, partitionCounts)
      const members = subscribers.map((subscriber) => ({
        subscriber,
        data: decodeMemberData(subscriber.userData),
      }))
      const shares = balance(
        tasks.map((task) => ({ name: task.name, ...task.id })),
        members.map(({ subscriber, data }) => candidateOf(subscriber, data, tasks)),
      )
      const byName = new Map(tasks.map((task) => [task.name, task]))
      const hosts: { [task: string]: string } = {}
      for (const { subscriber, data } of members) {
        for (const task of shares.get(subscriber.memberId) ?? [])
          hosts[task.name] = data?.host ?? ''
      }
      const userData = encodeAssignmentData({
        hosts,
        ...transactionalIdsOf(members.flatMap(({ data }) => data ?? [])),
      })
      return new Map(
        subscribers.map(({ memberId }) => {
          const own = (shares.get(memberId) ?? []).map(
            (task) => byName.get(task.name) as TaskDefinition,
          )
          return [memberId, { partitions: own.flatMap((task) => task.sources), userData }]
        }),
      )
    },
  }
}

/** Who is here, and whom any of them knew that is not here any more. */
function transactionalIdsOf(
  members: readonly MemberData[],
): Pick<AssignmentData, 'transactionalIds' | 'vanishedTransactionalIds'> {
  const transactionalIds = members.flatMap(({ transactionalId }) => transactionalId ?? [])
  const known = new Set(members.flatMap(({ knownTransactionalIds }) => knownTransactionalIds))
  for (const id of transactionalIds) known.delete(id)
  return { transactionalIds, vanishedTransactionalIds: [...known] }
}

function candidateOf(
  subscriber: Subscriber,
  data: MemberData | null,
  tasks: readonly TaskDefinition[],
): Candidate {
  const ownedPartitions = new Set(subscriber.ownedPartitions.map(partitionKey))
  const topics = new Set(subscriber.topics)
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const owned = tasks.filter((task) =>
    task.sources.every((source) => ownedPartitions.has(partitionKey(source))),
  )
  return {
    memberId: subscriber.memberId,
    owned: new Set(owned.map((task) => task.name)),
    onDisk: new Set(data?.tasksOnDisk ?? []),
    canRun: (task) =>
      byName.get(task.name)?.sources.every((source) => topics.has(source.topic)) ?? false,
  }
}
