import { offsetsAt } from '../test-client.ts'
import { conforms, type Theme } from '../theme.ts'

export const groupCommits: Theme = [
  conforms(
    'a committed offset is read back; what was never committed is left out',
    async (client, expect) => {
      const topic = await client.topic(2)
      const groupId = client.name('group')
      const partitions = [0, 1].map((partition) => ({ topic, partition }))
      expect(
        await client.cluster.committedOffsets(groupId, partitions, { requireStable: true }),
      ).toEqual([])
      const member = client.member({ groupId, topics: [topic] })
      await member.owns(2)
      await member.member.commit([{ topic, partition: 1, offset: 17 }])
      const committed = await client.cluster.committedOffsets(groupId, partitions, {
        requireStable: true,
      })
      expect(committed).toEqual([{ topic, partition: 1, offset: 17 }])
    },
  ),

  conforms(
    'what is noted beside an offset is read back, and goes with the next commit',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const groupId = client.name('group')
      const member = client.member({ groupId, topics: [at.topic] })
      await member.owns(1)
      const committed = () =>
        client.cluster.committedOffsets(groupId, [at], { requireStable: true })
      await member.member.commit([{ ...at, offset: 4, metadata: 'noted' }])
      expect(await committed()).toEqual([{ ...at, offset: 4, metadata: 'noted' }])
      await member.member.commit([{ ...at, offset: 5 }])
      expect(await committed()).toEqual([{ ...at, offset: 5 }])
    },
  ),

  conforms(
    'offsets outlive the members, can be reset without members, and go with the group',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const groupId = client.name('group')
      const member = client.member({ groupId, topics: [at.topic] })
      await member.owns(1)
      await member.member.commit(offsetsAt(at, 4))
      await member.leave()
      expect(await client.committed(groupId, at)).toBe(4)
      await client.admin.resetOffsets(groupId, offsetsAt(at, 2))
      expect(await client.committed(groupId, at)).toBe(2)
      await client.admin.deleteGroups([groupId])
      expect(await client.committed(groupId, at)).toBe(null)
    },
  ),

  conforms('a commit in each callback before a join goes through', async (client, expect) => {
    const topic = await client.topic(2)
    const groupId = client.name('group')
    const commits: string[] = []
    const commit = async (when: string) => {
      const [owned] = first.owned
      if (owned === undefined) return
      await first.member.commit([{ ...owned, offset: commits.length + 1 }])
      commits.push(when)
    }
    const first = client.member({
      groupId,
      topics: [topic],
      react: { onRejoin: () => commit('rejoin'), onRevoked: () => commit('revoked') },
    })
    await first.owns(2)
    const second = client.member({ groupId, topics: [topic] }, await client.connect())
    await Promise.all([first.owns(1), second.owns(1)])
    expect(commits.slice(0, 3)).toEqual(['rejoin', 'revoked', 'rejoin'])
    expect(first.fatal).toEqual([])
  }),

  conforms(
    'a member that does not join again in time is removed, and its commit is refused',
    async (client, expect) => {
      const topic = await client.topic(2)
      const groupId = client.name('group')
      const stuck = Promise.withResolvers<void>()
      const late = client.member({
        groupId,
        topics: [topic],
        rebalanceTimeoutMs: 2_000,
        react: { onRejoin: () => stuck.promise },
      })
      await late.owns(2)
      const [at] = late.owned
      const other = client.member(
        { groupId, topics: [topic], rebalanceTimeoutMs: 2_000 },
        await client.connect(),
      )
      await other.owns(2)
      await other.member.commit(offsetsAt(at!, 11))
      await expect(late.member.commit(offsetsAt(at!, 5))).rejects.toMatchObject({
        code: 'MILLRACE_KAFKA_FENCED',
        recovery: 'rejoin',
      })
      expect(await client.committed(groupId, at!)).toBe(11)
      stuck.resolve()
      await late.called('lost 0 1')
      await Promise.all([late.owns(1), other.owns(1)])
    },
  ),

  conforms('partitions that are not assigned cannot be committed', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const other = { topic: await client.topic(1), partition: 0 }
    const groupId = client.name('group')
    const member = client.member({ groupId, topics: [at.topic] })
    await member.owns(1)
    await expect(member.member.commit(offsetsAt(other, 1))).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_FENCED',
    })
    expect(await client.committed(groupId, other)).toBe(null)
  }),

  conforms('a group without members is described as empty', async (client, expect) => {
    const topic = await client.topic(1)
    const groupId = client.name('group')
    const member = client.member({ groupId, topics: [topic] })
    await member.owns(1)
    expect(await client.admin.describeGroup(groupId)).toEqual({ state: 'Stable', memberCount: 1 })
    await member.leave()
    expect(await client.admin.describeGroup(groupId)).toEqual({ state: 'Empty', memberCount: 0 })
  }),
]
