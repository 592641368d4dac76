import { noHeaders } from '@millrace/record'
import { expect } from 'vitest'
import { kafkaError } from '../wire/error-codes.ts'
import { RecordBatchWriter, unstamped } from '../wire/record-batch-writer.ts'
import {
  brokerTest,
  coordinatorOf,
  eventually,
  newTopic,
  uniqueName,
} from './testing/real-broker.ts'

brokerTest('a topic is created, described, widened and deleted', async (transport) => {
  const { topic } = await newTopic(transport, {
    partitionCount: 2,
    configs: { 'retention.ms': '123456' },
  })
  const twice = await transport.createTopics([
    { topic, partitionCount: 1, replicationFactor: -1, configs: {} },
  ])
  expect(twice).toMatchObject([{ topic, errorCode: kafkaError.TOPIC_ALREADY_EXISTS }])

  const described = await transport.describeTopicConfigs(topic)
  expect(described.errorCode).toBe(0)
  expect(described.configs.get('retention.ms')).toBe('123456')
  expect(described.configs.get('cleanup.policy')).toBe('delete')

  expect(await transport.createPartitions(topic, 3)).toMatchObject({ errorCode: 0 })
  expect((await transport.createPartitions(topic, 1)).errorCode).not.toBe(0)
  const widened = await eventually('the third partition is known', async () => {
    const [known] = (await transport.metadata([topic])).topics
    return known?.partitions.length === 3 ? known : undefined
  })
  expect(widened.partitions.map(({ partition }) => partition).toSorted((a, b) => a - b)).toEqual([
    0, 1, 2,
  ])
  expect(widened.partitions[0]!.replicas).toHaveLength(1)
  expect((await transport.metadata(null)).topics.map((known) => known.topic)).toContain(topic)

  expect(await transport.deleteTopics([topic])).toMatchObject([{ topic, errorCode: 0 }])
})

brokerTest(
  'metadata of a missing topic is an error code and creates nothing',
  async (transport) => {
    const topic = uniqueName('missing')
    for (let i = 0; i < 2; i++) {
      const answer = await transport.metadata([topic])
      expect(answer.topics).toMatchObject([
        { topic, errorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION, partitions: [] },
      ])
      expect(answer.brokers.length).toBeGreaterThan(0)
    }
    expect((await transport.describeTopicConfigs(topic)).errorCode).toBe(
      kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
    )
  },
)

brokerTest('records before an offset are deleted', async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  const writer = new RecordBatchWriter()
  for (let i = 0; i < 5; i++) writer.append(null, null, i, noHeaders)
  await transport.produce(nodeId, {
    transactionalId: null,
    timeoutMs: 10_000,
    batches: [{ topic, partition: 0, batch: writer.finish(unstamped) }],
  })
  const deleted = await transport.deleteRecords(nodeId, [{ topic, partition: 0, offset: 3 }])
  expect(deleted).toEqual([{ topic, partition: 0, errorCode: 0 }])
  const partitions = [{ topic, partition: 0, timestampMs: -2 }]
  const [earliest] = await transport.listOffsets(nodeId, {
    isolation: 'read_uncommitted',
    partitions,
  })
  expect(earliest).toMatchObject({ errorCode: 0, offset: 3 })
})

brokerTest('offsets of a group without members can be set', async (transport) => {
  const { topic } = await newTopic(transport)
  const groupId = uniqueName('group')
  const nodeId = await coordinatorOf(transport, 'group', groupId)
  const member = { groupId, generation: -1, memberId: '', groupInstanceId: null }
  const offsets = [{ topic, partition: 0, offset: 9 }]
  expect(await transport.offsetCommit(nodeId, { ...member, offsets })).toEqual([
    { topic, partition: 0, errorCode: 0 },
  ])
  const fetched = await transport.offsetFetch(nodeId, {
    groupId,
    requireStable: false,
    partitions: offsets,
  })
  expect(fetched.partitions).toEqual([{ topic, partition: 0, errorCode: 0, offset: 9 }])
})
