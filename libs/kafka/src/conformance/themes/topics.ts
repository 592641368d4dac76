import { conforms, type Theme } from '../theme.ts'

export const topics: Theme = [
  conforms(
    'a created topic has its partitions, leaders, settings and the default replication',
    async (client, expect) => {
      const topic = await client.topic(3, { 'retention.ms': '7200000' })
      expect((await client.cluster.metadata([topic])).get(topic)).toMatchObject({
        topic,
        partitionCount: 3,
      })
      expect(await client.admin.listTopics()).toContain(topic)
      expect(await client.admin.replicationFactor(topic)).toBeGreaterThanOrEqual(1)
      const leaders = await client.admin.leaders(
        [0, 1, 2].map((partition) => ({ topic, partition })),
      )
      expect(leaders).toHaveLength(3)
      for (const leader of leaders) expect(leader).toBeGreaterThanOrEqual(0)
      const configs = await client.admin.topicConfigs(topic)
      expect(configs.get('retention.ms')).toBe('7200000')
      expect(configs.get('cleanup.policy')).toBe('delete')
    },
  ),

  conforms(
    'what may be done with a topic is told; nothing of one that is not there',
    async (client, expect) => {
      const allowed = await client.admin.topicOperations(await client.topic(1))
      expect([...(allowed ?? [])].toSorted()).toEqual([
        'Alter',
        'AlterConfigs',
        'Create',
        'Delete',
        'Describe',
        'DescribeConfigs',
        'Read',
        'Write',
      ])
      expect(await client.admin.topicOperations(client.name('missing'))).toBe(null)
    },
  ),

  conforms('creating a topic that exists leaves it as it is', async (client, expect) => {
    const topic = await client.topic(2)
    await client.admin.createTopics([{ topic, partitionCount: 5 }])
    expect((await client.cluster.metadata([topic])).get(topic)?.partitionCount).toBe(2)
  }),

  conforms(
    'a topic that does not exist is left out of metadata and not created by asking',
    async (client, expect) => {
      const topic = client.name('missing')
      expect(await client.cluster.metadata([topic])).toEqual(new Map())
      expect(await client.admin.listTopics()).not.toContain(topic)
    },
  ),

  conforms('partitions can be added', async (client) => {
    const topic = await client.topic(1)
    await client.admin.addPartitions(topic, 4)
    await client.until('4 partitions', async () => {
      return (await client.cluster.metadata([topic])).get(topic)?.partitionCount === 4
    })
    await client.write({ topic, partition: 3 }, [{ value: 'on the new partition' }])
  }),

  conforms('a deleted topic goes away', async (client) => {
    const topic = await client.topic(1)
    await client.admin.deleteTopics([topic])
    await client.until(
      'the topic is gone',
      async () => !(await client.cluster.metadata([topic])).has(topic),
    )
  }),

  conforms('deleting records moves the start of the log', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    await client.write(
      at,
      ['a', 'b', 'c', 'd'].map((value) => ({ value })),
    )
    await client.admin.deleteRecords([{ ...at, offset: 3 }])
    expect(await client.cluster.listOffsets([at], 'earliest', 'read_uncommitted')).toEqual([
      { ...at, offset: 3 },
    ])
    expect((await client.read(at, 'read_uncommitted', 3)).map(({ value }) => value)).toEqual(['d'])
  }),
]
