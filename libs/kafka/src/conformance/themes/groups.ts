import type { TopicPartition } from '@millrace/record'
import type { TestMember } from '../test-member.ts'
import { conforms, type Theme } from '../theme.ts'

export const groups: Theme = [
  conforms('a single member gets every partition and the data for it', async (client, expect) => {
    const topic = await client.topic(3)
    const received: string[] = []
    const member = client.member({
      groupId: client.name('group'),
      topics: [topic],
      react: { onAssigned: async (_, userData) => void received.push(userData.toString()) },
    })
    await member.owns(3)
    expect(member.member.metadata().generation).toBeGreaterThan(0)
    expect(received).toEqual([member.member.metadata().memberId])
  }),

  conforms(
    'two members share, a third joins, and nobody gives up what it keeps',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(6)
      const join = async () => client.member({ groupId, topics: [topic] }, await client.connect())
      const first = await join()
      await first.owns(6)
      const second = await join()
      await Promise.all([first.owns(3), second.owns(3)])
      const before = [new Set(names(first)), new Set(names(second))]
      const third = await join()
      await Promise.all([first.owns(2), second.owns(2), third.owns(2)])
      expect(owners([first, second, third])).toEqual(allOf(topic, 6))
      // Kept, not given back and taken again: one partition each was revoked, none lost.
      for (const [index, member] of [first, second].entries()) {
        expect(names(member).every((name) => before[index]!.has(name))).toBe(true)
        expect(member.calls.filter((call) => call.startsWith('lost'))).toEqual([])
        expect(member.calls.findLast((call) => call.startsWith('revoked'))).toMatch(/^revoked \d$/)
      }
      expect(second.calls.filter((call) => call.startsWith('revoked'))).toHaveLength(1)
    },
  ),

  conforms('no partition has two owners at any moment', async (client, expect) => {
    const groupId = client.name('group')
    const topic = await client.topic(6)
    const ownerOf = new Map<number, string>()
    const watched = async (name: string) => {
      const take = async (partitions: readonly TopicPartition[]) => {
        for (const { partition } of partitions) {
          expect(ownerOf.get(partition)).toBe(undefined)
          ownerOf.set(partition, name)
        }
      }
      const give = async (partitions: readonly TopicPartition[]) => {
        await client.pause(50)
        for (const { partition } of partitions) ownerOf.delete(partition)
      }
      const react = { onAssigned: take, onRevoked: give }
      return client.member({ groupId, topics: [topic], react }, await client.connect())
    }
    const members = [await watched('a')]
    await members[0]!.owns(6)
    for (const name of ['b', 'c']) members.push(await watched(name))
    await Promise.all(members.map((member) => member.owns(2)))
    expect(members.flatMap((member) => member.fatal)).toEqual([])
    expect(ownerOf.size).toBe(6)
  }),

  conforms(
    'nothing goes on in the group before a revocation is finished',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(2)
      const finished = Promise.withResolvers<void>()
      const slow = client.member({
        groupId,
        topics: [topic],
        react: { onRevoked: () => finished.promise },
      })
      await slow.owns(2)
      const other = client.member({ groupId, topics: [topic] }, await client.connect())
      await client.until('the revocation', () =>
        slow.calls.some((call) => call.startsWith('revoked')),
      )
      await other.called('assigned nothing')
      expect(await client.isPendingFor(1_000, other.owns(1))).toBe(true)
      finished.resolve()
      await Promise.all([slow.owns(1), other.owns(1)])
      expect(owners([slow, other])).toEqual(allOf(topic, 2))
    },
  ),

  conforms(
    'any member can ask the group to assign again, and added partitions are handed out',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(2)
      const leader = client.member({ groupId, topics: [topic] })
      await leader.owns(2)
      const follower = client.member({ groupId, topics: [topic] }, await client.connect())
      await Promise.all([leader.owns(1), follower.owns(1)])
      await client.admin.addPartitions(topic, 4)
      const { generation } = leader.member.metadata()
      follower.member.rejoin()
      await Promise.all([leader.owns(2), follower.owns(2)])
      expect(leader.member.metadata().generation).toBeGreaterThan(generation)
      expect(owners([leader, follower])).toEqual(allOf(topic, 4))
    },
  ),

  conforms('a member that leaves hands its partitions over at once', async (client, expect) => {
    const groupId = client.name('group')
    const topic = await client.topic(4)
    const stays = client.member({ groupId, topics: [topic] })
    await stays.owns(4)
    const leaves = client.member({ groupId, topics: [topic] }, await client.connect())
    await Promise.all([stays.owns(2), leaves.owns(2)])
    await leaves.leave()
    await stays.owns(4)
    expect(await client.admin.describeGroup(groupId)).toMatchObject({ memberCount: 1 })
  }),

  conforms('a member that falls silent is expired, and its partitions move', async (client) => {
    const groupId = client.name('group')
    const topic = await client.topic(4)
    const stays = client.member({ groupId, topics: [topic] })
    await stays.owns(4)
    const silent = client.member(
      { groupId, topics: [topic], sessionTimeoutMs: 6_000 },
      await client.connect(),
    )
    await Promise.all([stays.owns(2), silent.owns(2)])
    await silent.leave({ leaveGroup: false })
    await stays.owns(4)
  }),

  conforms(
    'a static member that restarts finds its partitions, and nobody else notices',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(4)
      const stays = client.member({ groupId, topics: [topic], groupInstanceId: 'stays' })
      await stays.owns(4)
      const join = async () =>
        client.member(
          { groupId, topics: [topic], groupInstanceId: 'restarts' },
          await client.connect(),
        )
      const first = await join()
      await Promise.all([stays.owns(2), first.owns(2)])
      const { generation } = stays.member.metadata()
      const callsBefore = [...stays.calls]
      const owned = names(first)
      await first.leave({ leaveGroup: false })
      const second = await join()
      await second.owns(2)
      expect(names(second)).toEqual(owned)
      // Several heartbeats on: a rebalance would have been noticed.
      await client.pause(1_000)
      expect(stays.calls).toEqual(callsBefore)
      expect(stays.member.metadata().generation).toBe(generation)
      expect(second.member.metadata().generation).toBe(generation)
    },
  ),

  conforms(
    'a static leader that restarts causes no rebalance either, and can lead the next one',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(2)
      const join = async (groupInstanceId: string) =>
        client.member({ groupId, topics: [topic], groupInstanceId }, await client.connect())
      const leader = await join('leader')
      await leader.owns(2)
      const { generation } = leader.member.metadata()
      await leader.leave({ leaveGroup: false })
      const again = await join('leader')
      await again.owns(2)
      expect(again.member.metadata().generation).toBe(generation)
      const other = await join('other')
      await Promise.all([again.owns(1), other.owns(1)])
      expect(owners([again, other])).toEqual(allOf(topic, 2))
    },
  ),

  conforms(
    'a second process with the same instance id fences the first',
    async (client, expect) => {
      const groupId = client.name('group')
      const topic = await client.topic(2)
      const join = async () =>
        client.member({ groupId, topics: [topic], groupInstanceId: 'one' }, await client.connect())
      const first = await join()
      await first.owns(2)
      const second = await join()
      await second.owns(2)
      await first.called('fatal')
      expect(first.calls.slice(-2)).toEqual(['lost 0 1', 'fatal'])
      expect(first.fatal[0]).toMatchObject({ code: 'MILLRACE_KAFKA_FENCED' })
      expect(second.calls).toEqual(['assigned 0 1'])
    },
  ),
]

/** Each owned partition, as often as it has an owner. */
function owners(members: readonly TestMember[]): readonly string[] {
  return members.flatMap(names).sort()
}

function allOf(topic: string, partitionCount: number): readonly string[] {
  return Array.from({ length: partitionCount }, (_, partition) => `${topic}[${partition}]`)
}

function names(member: TestMember): readonly string[] {
  return member.owned.map(({ topic, partition }) => `${topic}[${partition}]`).sort()
}
