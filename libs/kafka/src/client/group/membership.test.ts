import { MillraceError } from '@millrace/errors'
import { expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import {
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './assignment/consumer-protocol.ts'
import { MemberFixture, partitionsOf } from './testing/member-fixture.ts'

const both = 'assigned orders-0 orders-1'
const bothLost = 'lost orders-0 orders-1'

function fixture(...args: ConstructorParameters<typeof MemberFixture>): MemberFixture {
  return new MemberFixture(...args)
}

function lastSubscription({ coordinator }: MemberFixture) {
  return decodeSubscription(coordinator.sent('joinGroup').at(-1)!.protocols[0]!.metadata)
}

test('a new member gets its id first, then joins, leads and receives its partitions', async () => {
  const { member, coordinator, calls, ...rest } = fixture()
  expect(member.metadata()).toMatchObject({ memberId: '', generation: -1 })
  member.start()
  await rest.clock.advanceUntil(() => calls.length > 0)
  expect(coordinator.sent('joinGroup').map(({ memberId }) => memberId)).toEqual(['', 'member-1'])
  expect(calls).toEqual([both])
  expect(member.metadata()).toEqual({
    groupId: 'billing',
    memberId: 'member-1',
    generation: 1,
    groupInstanceId: null,
  })
  await member.leave({ leaveGroup: true })
})

test('the assignment tells the listener the data that the leader has for it', async () => {
  const group = fixture()
  const received: string[] = []
  group.react.onAssigned = async (_, userData) => void received.push(userData.toString())
  await group.joined()
  expect(received).toEqual(['plan for member-1'])
  await group.member.leave({ leaveGroup: true })
})

test('a follower sends no assignments and is given none as an event of its own', async () => {
  const group = fixture()
  group.coordinator.assignmentFromLeader = encodeAssignment({
    partitions: [],
    userData: Buffer.alloc(0),
  })
  await group.joined()
  expect(group.coordinator.sent('syncGroup')[0]!.assignments).toEqual([])
  expect(group.calls).toEqual(['assigned nothing'])
  await group.member.leave({ leaveGroup: true })
})

test('a rebalance: commit, join with what is owned and its generation, keep the partitions', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.REBALANCE_IN_PROGRESS }))
  let committedBeforeJoin = false
  group.react.onRejoin = async () => {
    expect(group.coordinator.sent('joinGroup')).toHaveLength(2)
    await group.member.commit([{ topic: 'orders', partition: 0, offset: 7 }])
    committedBeforeJoin = true
  }
  await group.untilCalled('assigned nothing')
  expect(committedBeforeJoin).toBe(true)
  expect(group.calls).toEqual([both, 'rejoin', 'assigned nothing'])
  expect(lastSubscription(group)).toMatchObject({
    ownedPartitions: partitionsOf('orders', 2),
    generation: 1,
  })
  await group.member.leave({ leaveGroup: true })
})

test('partitions taken away are given up before the next join, and no longer claimed in it', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.assignmentFromLeader = encodeAssignment({
    partitions: [{ topic: 'orders', partition: 1 }],
    userData: Buffer.alloc(0),
  })
  group.member.rejoin()
  let joinsAtRevocation = 0
  group.react.onRevoked = async () => {
    joinsAtRevocation = group.coordinator.sent('joinGroup').length
    await group.member.commit([{ topic: 'orders', partition: 0, offset: 9 }])
  }
  await group.until(() => group.calls.filter((call) => call === 'assigned nothing').length === 2)
  expect(group.calls).toEqual([
    both,
    'rejoin',
    'revoked orders-0',
    'assigned nothing',
    'rejoin',
    'assigned nothing',
  ])
  expect(group.coordinator.sent('joinGroup')).toHaveLength(joinsAtRevocation + 1)
  expect(lastSubscription(group).ownedPartitions).toEqual([{ topic: 'orders', partition: 1 }])
  await group.member.leave({ leaveGroup: true })
})

test('the leader withholds what another member still holds', async () => {
  const group = fixture()
  const metadata = encodeSubscription({
    topics: ['orders'],
    userData: Buffer.alloc(0),
    ownedPartitions: [{ topic: 'orders', partition: 1 }],
    generation: 4,
  })
  group.coordinator.others = [{ memberId: 'other', groupInstanceId: null, metadata }]
  await group.joined()
  expect(group.calls).toEqual(['assigned orders-0'])
  await group.member.leave({ leaveGroup: true })
})

test('heartbeats go on while the listener is busy', async () => {
  const group = fixture()
  const done = Promise.withResolvers<void>()
  group.react.onAssigned = () => done.promise
  group.member.start()
  await group.until(() => group.calls.length > 0)
  await group.clock.advance(30_000)
  expect(group.coordinator.sent('heartbeat').length).toBeGreaterThan(20)
  expect(group.calls).toEqual([both])
  done.resolve()
  await group.member.leave({ leaveGroup: true })
})

test('a heartbeat that missed the coordinator is sent again at once, not an interval later', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.NOT_COORDINATOR }))
  const before = group.coordinator.sent('heartbeat').length
  await group.until(() => group.coordinator.sent('heartbeat').length === before + 1)
  await group.clock.advance(20)
  expect(group.coordinator.sent('heartbeat')).toHaveLength(before + 2)
  await group.clock.advance(900)
  expect(group.coordinator.sent('heartbeat')).toHaveLength(before + 2)
  await group.member.leave({ leaveGroup: true })
})

test('no heartbeat is sent while the coordinator holds the join', async () => {
  const group = fixture()
  await group.joined()
  const answer = Promise.withResolvers<never>()
  group.coordinator.next('joinGroup', () => answer.promise)
  group.member.rejoin()
  await group.until(() => group.coordinator.sent('joinGroup').length === 3)
  const before = group.coordinator.sent('heartbeat').length
  await group.clock.advance(15_000)
  expect(group.coordinator.sent('heartbeat')).toHaveLength(before)
  expect(group.calls).toEqual([both, 'rejoin'])
  await group.member.leave({ leaveGroup: true })
})

test('a member that the group removed loses everything and joins as a new one', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.UNKNOWN_MEMBER_ID }))
  await group.until(() => group.calls.length === 3)
  expect(group.calls).toEqual([both, bothLost, both])
  expect(group.coordinator.sent('joinGroup').map(({ memberId }) => memberId)).toEqual([
    '',
    'member-1',
    '',
    'member-2',
  ])
  expect(lastSubscription(group)).toMatchObject({ ownedPartitions: [], generation: -1 })
  await group.member.leave({ leaveGroup: true })
})

test('a generation that is over loses everything but not the member id', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.ILLEGAL_GENERATION }))
  await group.until(() => group.calls.length === 3)
  expect(group.calls).toEqual([both, bothLost, both])
  expect(group.coordinator.sent('joinGroup').at(-1)!.memberId).toBe('member-1')
  await group.member.leave({ leaveGroup: true })
})

test('without an answered heartbeat for the session time-out the partitions count as lost', async () => {
  const group = fixture()
  await group.joined()
  const lostConnection = () =>
    Promise.reject(new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'reset' }))
  for (let i = 0; i < 30; i++) group.coordinator.next('heartbeat', lostConnection)
  await group.clock.advance(9_000)
  expect(group.calls).toEqual([both])
  await group.clock.advance(3_000)
  expect(group.calls.slice(0, 2)).toEqual([both, bothLost])
  await group.member.leave({ leaveGroup: true })
})

test('a heartbeat that hangs does not put off the end of the session', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => new Promise(() => {}))
  await group.clock.advance(12_000)
  expect(group.calls.slice(0, 2)).toEqual([both, bothLost])
  await group.member.leave({ leaveGroup: true })
})

test('a heartbeat answered after the member joined again says nothing about the new generation', async () => {
  const group = fixture()
  await group.joined()
  const answer = Promise.withResolvers<{ errorCode: number }>()
  group.coordinator.next('heartbeat', () => answer.promise)
  await group.until(() => group.coordinator.sent('heartbeat').length === 1)
  group.member.rejoin()
  await group.untilCalled('assigned nothing')
  answer.resolve({ errorCode: kafkaError.ILLEGAL_GENERATION })
  await group.clock.advance(5_000)
  expect(group.calls).toEqual([both, 'rejoin', 'assigned nothing'])
  await group.member.leave({ leaveGroup: true })
})

test('a coordinator that moved is looked up again and nothing is lost', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.NOT_COORDINATOR }))
  group.coordinator.nodeId = 2
  await group.until(() => group.coordinator.requests.some(({ nodeId }) => nodeId === 2))
  expect(group.coordinator.lookups).toBe(2)
  expect(group.calls).toEqual([both])
  await group.member.leave({ leaveGroup: true })
})

test('a loading coordinator is asked again, and each join is announced', async () => {
  const group = fixture()
  await group.joined()
  const refused = {
    generation: -1,
    protocolName: '',
    leaderId: '',
    memberId: 'member-1',
    members: [],
  }
  group.coordinator.next('joinGroup', () => ({
    ...refused,
    errorCode: kafkaError.COORDINATOR_LOAD_IN_PROGRESS,
  }))
  group.coordinator.next('joinGroup', () => ({
    ...refused,
    errorCode: kafkaError.COORDINATOR_NOT_AVAILABLE,
  }))
  group.member.rejoin()
  await group.untilCalled('assigned nothing')
  expect(group.calls).toEqual([both, 'rejoin', 'rejoin', 'rejoin', 'assigned nothing'])
  await group.member.leave({ leaveGroup: true })
})

test('a rebalance during the sync is joined at once', async () => {
  const group = fixture()
  group.coordinator.next('syncGroup', () => ({
    errorCode: kafkaError.REBALANCE_IN_PROGRESS,
    assignment: Buffer.alloc(0),
  }))
  await group.joined()
  expect(group.calls).toEqual([both])
  expect(group.member.metadata().generation).toBe(2)
  await group.member.leave({ leaveGroup: true })
})

test('a member found unknown while its listener gives partitions up loses only the rest', async () => {
  const group = fixture()
  await group.joined()
  group.coordinator.assignmentFromLeader = encodeAssignment({
    partitions: [{ topic: 'orders', partition: 1 }],
    userData: Buffer.alloc(0),
  })
  const done = Promise.withResolvers<void>()
  group.react.onRevoked = () => done.promise
  group.member.rejoin()
  await group.untilCalled('revoked orders-0')
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.UNKNOWN_MEMBER_ID }))
  await group.clock.advance(2_000)
  expect(group.calls.at(-1)).toBe('revoked orders-0')
  done.resolve()
  await group.until(() => group.calls.length > 4)
  expect(group.calls.slice(3, 4)).toEqual(['lost orders-1'])
  await group.member.leave({ leaveGroup: true })
})

test('partitions added to a topic make the leader join again', async () => {
  const group = fixture()
  await group.joined()
  await group.clock.advance(60_000)
  expect(group.calls).toEqual([both])
  group.counts.set('orders', 3)
  await group.untilCalled('assigned orders-2')
  expect(group.calls).toEqual([both, 'rejoin', 'assigned orders-2'])
  await group.member.leave({ leaveGroup: true })
})
