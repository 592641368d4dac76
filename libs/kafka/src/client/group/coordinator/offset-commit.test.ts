import { MillraceError } from '@millrace/errors'
import { expect, test } from 'vitest'
import { kafkaError } from '../../../wire/error-codes.ts'
import { MemberFixture } from '../testing/member-fixture.ts'

const offset = { topic: 'orders', partition: 0, offset: 42 }
const both = 'assigned orders-0 orders-1'

async function joined(): Promise<MemberFixture> {
  const group = new MemberFixture()
  await group.joined()
  return group
}

function answerNext(group: MemberFixture, errorCode: number): void {
  group.coordinator.next('offsetCommit', ({ offsets }) =>
    offsets.map((entry) => ({ ...entry, errorCode })),
  )
}

/** Lets virtual time pass until the promise is settled. */
async function outcome(group: MemberFixture, promise: Promise<void>): Promise<unknown> {
  let result: unknown = 'pending'
  promise.then(
    () => (result = 'committed'),
    (error: unknown) => (result = error),
  )
  await group.until(() => result !== 'pending')
  return result
}

test('a commit carries the member and its generation', async () => {
  const group = await joined()
  await group.member.commit([offset])
  expect(group.coordinator.sent('offsetCommit')).toEqual([
    {
      groupId: 'billing',
      memberId: 'member-1',
      generation: 1,
      groupInstanceId: null,
      offsets: [offset],
    },
  ])
  await group.member.leave({ leaveGroup: true })
})

test('a commit is repeated while the coordinator loads, moves or cannot be reached', async () => {
  const group = await joined()
  answerNext(group, kafkaError.COORDINATOR_LOAD_IN_PROGRESS)
  answerNext(group, kafkaError.NOT_COORDINATOR)
  answerNext(group, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  group.coordinator.next('offsetCommit', () =>
    Promise.reject(new MillraceError('MILLRACE_KAFKA_RETRIABLE', { message: 'reset' })),
  )
  expect(await outcome(group, group.member.commit([offset]))).toBe('committed')
  expect(group.coordinator.sent('offsetCommit')).toHaveLength(5)
  expect(group.coordinator.lookups).toBe(3)
  await group.member.leave({ leaveGroup: true })
})

test('repeating a commit ends', async () => {
  const group = await joined()
  for (let i = 0; i < 200; i++) answerNext(group, kafkaError.COORDINATOR_LOAD_IN_PROGRESS)
  expect(await outcome(group, group.member.commit([offset]))).toMatchObject({
    code: 'MILLRACE_KAFKA_RETRIABLE',
  })
  await group.member.leave({ leaveGroup: true })
})

test.for([
  ['ILLEGAL_GENERATION', kafkaError.ILLEGAL_GENERATION],
  ['UNKNOWN_MEMBER_ID', kafkaError.UNKNOWN_MEMBER_ID],
] as const)('%s refuses the commit of a zombie and loses its partitions', async ([, errorCode]) => {
  const group = await joined()
  answerNext(group, errorCode)
  expect(await outcome(group, group.member.commit([offset]))).toMatchObject({
    code: 'MILLRACE_KAFKA_FENCED',
    recovery: 'rejoin',
  })
  await group.untilCalled('lost orders-0 orders-1')
  await group.member.leave({ leaveGroup: true })
})

test('once the loss is known a commit is refused without asking', async () => {
  const group = await joined()
  const done = Promise.withResolvers<void>()
  group.react.onLost = () => done.promise
  group.coordinator.next('heartbeat', () => ({ errorCode: kafkaError.UNKNOWN_MEMBER_ID }))
  await group.untilCalled('lost orders-0 orders-1')
  await expect(group.member.commit([offset])).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_FENCED',
  })
  expect(group.coordinator.sent('offsetCommit')).toEqual([])
  done.resolve()
  await group.member.leave({ leaveGroup: true })
})

test('a partition that is not owned is refused without asking', async () => {
  const group = await joined()
  const foreign = { ...offset, partition: 9 }
  await expect(group.member.commit([foreign])).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_FENCED',
  })
  expect(group.coordinator.sent('offsetCommit')).toEqual([])
  await group.member.leave({ leaveGroup: true })
})

test('while a join is under way a commit is put off, and goes through after it', async () => {
  const group = await joined()
  const answer = Promise.withResolvers<void>()
  group.coordinator.next('joinGroup', async (request) => {
    await answer.promise
    return group.coordinator.transport.joinGroup(1, request)
  })
  group.member.rejoin()
  await group.until(() => group.coordinator.sent('joinGroup').length === 3)
  await expect(group.member.commit([offset])).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_RETRIABLE',
  })
  answer.resolve()
  await group.untilCalled('assigned nothing')
  await group.member.commit([offset])
  expect(group.coordinator.sent('offsetCommit').map(({ generation }) => generation)).toEqual([2])
  await group.member.leave({ leaveGroup: true })
})

test('a commit answered with a rebalance is put off and makes the member join', async () => {
  const group = await joined()
  answerNext(group, kafkaError.REBALANCE_IN_PROGRESS)
  expect(await outcome(group, group.member.commit([offset]))).toMatchObject({
    code: 'MILLRACE_KAFKA_RETRIABLE',
  })
  await group.untilCalled('assigned nothing')
  expect(group.calls).toEqual([both, 'rejoin', 'assigned nothing'])
  await group.member.leave({ leaveGroup: true })
})

test('an answer about a generation that the member left by itself loses nothing', async () => {
  const group = await joined()
  const answer = Promise.withResolvers<void>()
  group.coordinator.next('offsetCommit', async ({ offsets }) => {
    await answer.promise
    return offsets.map((entry) => ({ ...entry, errorCode: kafkaError.ILLEGAL_GENERATION }))
  })
  const commit = group.member.commit([offset])
  group.member.rejoin()
  await group.untilCalled('assigned nothing')
  answer.resolve()
  expect(await outcome(group, commit)).toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })
  expect(group.calls).toEqual([both, 'rejoin', 'assigned nothing'])
  await group.member.leave({ leaveGroup: true })
})

test('a missing right is said, and after leaving nothing is committed', async () => {
  const group = await joined()
  answerNext(group, kafkaError.GROUP_AUTHORIZATION_FAILED)
  expect(await outcome(group, group.member.commit([offset]))).toMatchObject({
    code: 'MILLRACE_KAFKA_AUTHORIZATION',
  })
  await group.member.leave({ leaveGroup: true })
  await expect(group.member.commit([offset])).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_FENCED',
  })
})
