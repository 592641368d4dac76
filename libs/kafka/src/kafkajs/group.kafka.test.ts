import { expect } from 'vitest'
import type { JoinGroupAnswer, MemberIdentity, Transport } from '../ports/transport.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { Encoder } from '../wire/primitives/encoder.ts'
import { failureOf } from './testing/failure-of.ts'
import {
  brokerTest,
  coordinatorOf,
  newTopic,
  openTransport,
  settled,
  uniqueName,
} from './testing/real-broker.ts'

/** Of protocol type `consumer` the coordinator reads the metadata: where it cannot, a join never ends. */
function subscription(userData: string): Buffer {
  return Buffer.from(
    new Encoder()
      .int16(0)
      .array([], () => {})
      .bytesField(Buffer.from(userData))
      .bytes(),
  )
}

function join(
  transport: Transport,
  nodeId: number,
  groupId: string,
  memberId: string,
  groupInstanceId: string | null = null,
): Promise<JoinGroupAnswer> {
  return transport.joinGroup(nodeId, {
    groupId,
    memberId,
    groupInstanceId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    protocolType: 'consumer',
    protocols: [{ name: 'millrace', metadata: subscription(memberId) }],
  })
}

/** Joins as a dynamic member: the first answer gives the id to come back with (KIP-394). */
async function joinNew(
  transport: Transport,
  nodeId: number,
  groupId: string,
): Promise<JoinGroupAnswer> {
  const refused = await join(transport, nodeId, groupId, '')
  expect(refused).toMatchObject({ errorCode: kafkaError.MEMBER_ID_REQUIRED })
  return join(transport, nodeId, groupId, refused.memberId)
}

const identity = (groupId: string, { memberId, generation }: JoinGroupAnswer): MemberIdentity => ({
  groupId,
  memberId,
  generation,
  groupInstanceId: null,
})

brokerTest('two members of one process join, share out, commit and leave', async (transport) => {
  const { topic } = await newTopic(transport)
  const groupId = uniqueName('group')
  const nodeId = await coordinatorOf(transport, 'group', groupId)
  const first = await joinNew(transport, nodeId, groupId)
  expect(first).toMatchObject({
    errorCode: 0,
    generation: 1,
    leaderId: first.memberId,
    protocolName: 'millrace',
  })
  expect(first.members).toHaveLength(1)
  expect(first.members[0]!.metadata).toEqual(subscription(first.memberId))
  const assignments = [{ memberId: first.memberId, assignment: Buffer.from('all of it') }]
  const synced = await transport.syncGroup(nodeId, { ...identity(groupId, first), assignments })
  expect(synced).toEqual({ errorCode: 0, assignment: Buffer.from('all of it') })

  // The second member's join is held until the first, told by its heartbeat, has joined again.
  const joining = joinNew(transport, nodeId, groupId)
  await settled(async () => {
    const beat = await transport.heartbeat(nodeId, identity(groupId, first))
    return beat.errorCode === 0 ? { errorCode: kafkaError.NOT_COORDINATOR } : beat
  }).then((beat) => expect(beat.errorCode).toBe(kafkaError.REBALANCE_IN_PROGRESS))
  const [again, second] = await Promise.all([
    join(transport, nodeId, groupId, first.memberId),
    joining,
  ])
  expect([again.generation, second.generation]).toEqual([2, 2])

  const leader = again.leaderId === again.memberId ? again : second
  const follower = leader === again ? second : again
  const shares = leader.members.map(({ memberId }) => ({
    memberId,
    assignment: Buffer.from(memberId),
  }))
  const following = transport.syncGroup(nodeId, { ...identity(groupId, follower), assignments: [] })
  await transport.syncGroup(nodeId, { ...identity(groupId, leader), assignments: shares })
  expect((await following).assignment.toString()).toBe(follower.memberId)
  expect(await transport.describeGroup(nodeId, groupId)).toEqual({
    errorCode: 0,
    state: 'Stable',
    memberCount: 2,
  })

  const offsets = [{ topic, partition: 0, offset: 5 }]
  const commit = (member: JoinGroupAnswer) =>
    transport.offsetCommit(nodeId, { ...identity(groupId, member), offsets })
  expect(await commit(again)).toEqual([{ topic, partition: 0, errorCode: 0 }])
  expect((await commit(first))[0]).toMatchObject({ errorCode: kafkaError.ILLEGAL_GENERATION })

  for (const member of [again, second]) {
    expect(await transport.leaveGroup(nodeId, identity(groupId, member))).toEqual({ errorCode: 0 })
  }
  expect(await transport.describeGroup(nodeId, groupId)).toMatchObject({
    state: 'Empty',
    memberCount: 0,
  })
  const partitions = [{ topic, partition: 0 }]
  const fetched = await transport.offsetFetch(nodeId, { groupId, requireStable: true, partitions })
  expect(fetched.partitions[0]).toMatchObject({ errorCode: 0, offset: 5 })
  expect(await transport.deleteGroup(nodeId, groupId)).toEqual({ errorCode: 0 })
})

brokerTest('a static member keeps its place under a new member id', async (transport) => {
  const groupId = uniqueName('group')
  const nodeId = await coordinatorOf(transport, 'group', groupId)
  const first = await join(transport, nodeId, groupId, '', 'instance-1')
  expect(first).toMatchObject({ errorCode: 0, generation: 1 })
  expect(first.members[0]).toMatchObject({ groupInstanceId: 'instance-1' })
  await transport.syncGroup(nodeId, {
    ...identity(groupId, first),
    groupInstanceId: 'instance-1',
    assignments: [{ memberId: first.memberId, assignment: Buffer.from('x') }],
  })
  const restarted = await join(transport, nodeId, groupId, '', 'instance-1')
  expect(restarted).toMatchObject({ errorCode: 0, generation: 1 })
  expect(restarted.memberId).not.toBe(first.memberId)
  const old = { ...identity(groupId, first), groupInstanceId: 'instance-1' }
  expect(await transport.heartbeat(nodeId, old)).toEqual({
    errorCode: kafkaError.FENCED_INSTANCE_ID,
  })
})

brokerTest(
  'closing the transport does not wait for a join that the broker holds',
  async (transport) => {
    const closing = openTransport()
    const groupId = uniqueName('group')
    const nodeId = await coordinatorOf(closing, 'group', groupId)
    const first = await joinNew(closing, nodeId, groupId)
    await transport.syncGroup(nodeId, {
      ...identity(groupId, first),
      assignments: [{ memberId: first.memberId, assignment: Buffer.alloc(0) }],
    })
    const { memberId } = await join(transport, nodeId, groupId, '')
    const held = closing.joinGroup(nodeId, {
      groupId,
      memberId,
      groupInstanceId: null,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'millrace', metadata: subscription('') }],
    })
    const rejection = failureOf(held)
    await settled(async () => {
      const { state } = await closing.describeGroup(nodeId, groupId)
      return { errorCode: state === 'PreparingRebalance' ? 0 : kafkaError.NOT_COORDINATOR }
    })
    await closing.close()
    expect(await rejection).toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })
    await transport.leaveGroup(nodeId, identity(groupId, first))
  },
)
