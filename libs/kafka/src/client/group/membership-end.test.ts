import { MillraceError } from '@millrace/errors'
import { expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { encodeAssignment } from './assignment/consumer-protocol.ts'
import { MemberFixture, partitionsOf } from './testing/member-fixture.ts'

const both = 'assigned orders-0 orders-1'
const bothLost = 'lost orders-0 orders-1'

test('leaving tells the coordinator, ends every timer and calls nobody', async () => {
  const group = new MemberFixture()
  await group.joined()
  await group.member.leave({ leaveGroup: true })
  expect(group.coordinator.sent('leaveGroup')).toEqual([
    { groupId: 'billing', memberId: 'member-1', generation: 1, groupInstanceId: null },
  ])
  await group.clock.advance(60_000)
  expect(group.calls).toEqual([both])
  expect(group.clock.pendingTimers).toBe(0)
})

test('leaving without LeaveGroup keeps the membership', async () => {
  const group = new MemberFixture({ groupInstanceId: 'worker-1' })
  await group.joined()
  await group.member.leave({ leaveGroup: false })
  expect(group.coordinator.sent('leaveGroup')).toEqual([])
})

test('leaving does not wait for a join that is held, nor for a callback', async () => {
  const held = new MemberFixture()
  held.coordinator.next('joinGroup', () => new Promise(() => {}))
  held.member.start()
  await held.until(() => held.coordinator.sent('joinGroup').length === 1)
  await held.member.leave({ leaveGroup: true })

  const busy = new MemberFixture()
  busy.react.onAssigned = () => new Promise(() => {})
  await busy.joined()
  await busy.member.leave({ leaveGroup: true })
  expect(busy.coordinator.sent('leaveGroup')).toHaveLength(1)
})

test('a join answered after the member left is not followed up', async () => {
  const group = new MemberFixture()
  await group.joined()
  const done = Promise.withResolvers<void>()
  group.react.onRejoin = () => done.promise
  group.member.rejoin()
  await group.untilCalled('rejoin')
  await group.member.leave({ leaveGroup: true })
  done.resolve()
  await group.clock.advance(5_000)
  expect(group.coordinator.sent('joinGroup')).toHaveLength(2)
})

test('a coordinator that does not answer LeaveGroup is given up on', async () => {
  const group = new MemberFixture()
  await group.joined()
  group.coordinator.next('leaveGroup', () => new Promise(() => {}))
  const left = group.member.leave({ leaveGroup: true })
  await group.clock.advance(6_000)
  await left
  expect(group.clock.pendingTimers).toBe(0)
})

test('leaving twice is leaving once', async () => {
  const group = new MemberFixture()
  await group.joined()
  await Promise.all([
    group.member.leave({ leaveGroup: true }),
    group.member.leave({ leaveGroup: true }),
  ])
  expect(group.coordinator.sent('leaveGroup')).toHaveLength(1)
})

test('a fenced instance id loses everything and ends the member', async () => {
  const group = new MemberFixture({ groupInstanceId: 'worker-1' })
  await group.joined()
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.FENCED_INSTANCE_ID }))
  await group.untilCalled('fatal')
  expect(group.calls).toEqual([both, bothLost, 'fatal'])
  expect(group.fatal[0]).toMatchObject({ code: 'MILLRACE_KAFKA_FENCED' })
  // By its instance id it would throw out the process that fenced it.
  await group.member.leave({ leaveGroup: true })
  expect(group.coordinator.sent('leaveGroup')).toEqual([])
})

test('a missing right ends the member', async () => {
  const group = new MemberFixture()
  group.coordinator.next('joinGroup', () => ({
    errorCode: kafkaError.GROUP_AUTHORIZATION_FAILED,
    generation: -1,
    protocolName: '',
    leaderId: '',
    memberId: '',
    members: [],
  }))
  group.member.start()
  await group.untilCalled('fatal')
  expect(group.fatal[0]).toMatchObject({ code: 'MILLRACE_KAFKA_AUTHORIZATION' })
  await group.clock.advance(60_000)
  expect(group.coordinator.sent('joinGroup')).toHaveLength(1)
  expect(group.clock.pendingTimers).toBe(0)
})

test('an assignor that gives a partition twice ends the member with an assertion', async () => {
  const twice = {
    partitions: [...partitionsOf('orders', 1), ...partitionsOf('orders', 1)],
    userData: Buffer.alloc(0),
  }
  const assignor = { name: 'twice', assign: () => new Map([['member-1', twice]]) }
  const group = new MemberFixture({ assignor })
  group.member.start()
  await group.untilCalled('fatal')
  expect(group.fatal[0]).toMatchObject({ code: 'MILLRACE_ERRORS_ASSERTION' })
})

test('a listener that finds the generation over makes the member join anew', async () => {
  const group = new MemberFixture()
  await group.joined()
  let failures = 0
  group.react.onRejoin = async () => {
    failures += 1
    if (failures === 1)
      throw new MillraceError('MILLRACE_KAFKA_FENCED', { message: 'commit refused' })
  }
  group.member.rejoin()
  await group.until(() => group.calls.length === 4)
  expect(group.calls).toEqual([both, 'rejoin', bothLost, both])
  await group.member.leave({ leaveGroup: true })
})

test('a listener that fails otherwise ends the member', async () => {
  const group = new MemberFixture()
  group.react.onAssigned = () => Promise.reject(new Error('disk full'))
  group.member.start()
  await group.untilCalled('fatal')
  expect(group.fatal[0]?.message).toBe('disk full')
  expect(group.clock.pendingTimers).toBe(0)
})

test('a static member that restarts gets its old partitions although it is told of no leader', async () => {
  const group = new MemberFixture({ groupInstanceId: 'worker-1' })
  group.coordinator.generation = 8
  group.coordinator.assignmentFromLeader = encodeAssignment({
    partitions: partitionsOf('orders', 1),
    userData: Buffer.alloc(0),
  })
  await group.joined()
  expect(group.coordinator.sent('joinGroup').map(({ memberId }) => memberId)).toEqual([''])
  expect(group.calls).toEqual(['assigned orders-0'])
  // Should it be the leader, nobody else looks at the topics.
  await group.clock.advance(60_000)
  group.counts.set('orders', 5)
  await group.untilCalled('rejoin')
  await group.member.leave({ leaveGroup: false })
})
