import type { Subscriber } from '@millrace/kafka'
import type { Topology } from '@millrace/topology'
import { expect, test } from 'vitest'
import { decodeAssignmentData, encodeMemberData } from './member-data.ts'
import { createTaskAssignor } from './task-assignor.ts'
import { TransactionalPeers } from './transactional-peers.ts'

const empty = { subTopologies: [], nodes: new Map(), stores: new Map() } as unknown as Topology
const assignor = createTaskAssignor(empty, 'app')

/** A rebalance among these; each learns what the leader found out. */
function rebalance(members: ReadonlyMap<string, TransactionalPeers>): void {
  const subscribers = [...members].map(([id, peers]): Subscriber => {
    const userData = encodeMemberData({
      processId: id,
      host: '',
      thread: 0,
      tasksOnDisk: [],
      transactionalId: id,
      knownTransactionalIds: peers.known,
    })
    return { memberId: id, groupInstanceId: null, topics: [], userData, ownedPartitions: [] }
  })
  const assignments = assignor.assign(subscribers, new Map())
  for (const [id, peers] of members) {
    peers.assigned(decodeAssignmentData(assignments.get(id)?.userData ?? Buffer.alloc(0)))
  }
}

const group = (...ids: readonly string[]) =>
  new Map(ids.map((id) => [id, new TransactionalPeers()]))

test('whoever is left is told whom to fence, also where the leader is new and knows nobody', () => {
  const members = group('a', 'b', 'c')
  rebalance(members)
  expect(members.get('b')?.vanished).toEqual([])
  members.delete('a')
  members.set('d', new TransactionalPeers())
  const fresh = new Map([...members].toReversed())
  rebalance(fresh)
  expect([...fresh.values()].map((peers) => peers.vanished)).toEqual([['a'], ['a'], ['a']])
})

test('a vanished id is remembered until it is fenced: who was to do it may vanish too', () => {
  const members = group('a', 'b', 'c')
  rebalance(members)
  members.delete('a')
  rebalance(members)
  members.delete('b')
  rebalance(members)
  expect(members.get('c')?.vanished.toSorted()).toEqual(['a', 'b'])
  members.get('c')?.forget(['a', 'b'])
  rebalance(members)
  expect(members.get('c')?.vanished).toEqual([])
})

test('a member that comes back is fenced no more', () => {
  const members = group('a', 'b')
  rebalance(members)
  const a = members.get('a') as TransactionalPeers
  members.delete('a')
  rebalance(members)
  expect(members.get('b')?.vanished).toEqual(['a'])
  members.set('a', a)
  rebalance(members)
  expect([...members.values()].map((peers) => peers.vanished)).toEqual([[], []])
})
