import { kafkaError } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { joinGroup, makeCluster } from '../fixtures.ts'

const wanted = { topic: 't', partitionCount: 3, replicationFactor: -1, configs: {} }

describe('administering topics', () => {
  test('created topics have their partitions spread over the brokers', async () => {
    const { transport } = makeCluster({ brokerCount: 3, replicationFactorDefault: 2 })
    expect((await transport.createTopics([wanted]))[0]!.errorCode).toBe(0)
    const { topics, brokers, controllerId } = await transport.metadata(['t'])
    expect(topics[0]!.partitions.map(({ leaderId }) => leaderId)).toEqual([1, 2, 3])
    expect(topics[0]!.partitions[2]!.replicas).toEqual([3, 1])
    expect([brokers.length, controllerId]).toEqual([3, 1])
  })

  test('what cannot be created is refused for its reason', async () => {
    const { transport } = makeCluster()
    await transport.createTopics([wanted])
    const code = async (change: object) =>
      (await transport.createTopics([{ ...wanted, topic: 'u', ...change }]))[0]!.errorCode
    expect(await code({ topic: 't' })).toBe(kafkaError.TOPIC_ALREADY_EXISTS)
    expect(await code({ topic: 'a b' })).toBe(kafkaError.INVALID_TOPIC)
    expect(await code({ partitionCount: 0 })).toBe(37)
    expect(await code({ replicationFactor: 2 })).toBe(kafkaError.INVALID_REPLICATION_FACTOR)
    expect(await code({ configs: { 'no.such.setting': '1' } })).toBe(40)
    expect(await code({})).toBe(0)
  })

  test('partitions are added and never taken away', async () => {
    const { transport } = makeCluster()
    await transport.createTopics([wanted])
    expect((await transport.createPartitions('t', 3)).errorCode).toBe(37)
    expect((await transport.createPartitions('t', 5)).errorCode).toBe(0)
    expect((await transport.metadata(['t'])).topics[0]!.partitions.length).toBe(5)
    const missing = await transport.createPartitions('nope', 2)
    expect(missing.errorCode).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test("settings are the broker's defaults and what was set", async () => {
    const { transport } = makeCluster({ topicConfigDefaults: { 'retention.ms': '1000' } })
    const configs = { 'cleanup.policy': 'compact' }
    await transport.createTopics([{ ...wanted, configs }])
    const { configs: all } = await transport.describeTopicConfigs('t')
    expect(all.get('cleanup.policy')).toBe('compact')
    expect(all.get('retention.ms')).toBe('1000')
    expect(all.get('max.message.bytes')).toBe('1048588')
    expect(all.get('message.timestamp.after.max.ms')).toBe('3600000')
  })

  test('a deleted topic is gone with its records and its committed offsets', async () => {
    const { cluster, transport } = makeCluster()
    await transport.createTopics([wanted])
    cluster.append('t', 0, {})
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    const simple = { groupId: 'g', generation: -1, memberId: '', groupInstanceId: null }
    await transport.offsetCommit(1, { ...simple, offsets })
    expect(cluster.committedOffset('g', 't', 0)).toBe(1)
    await transport.deleteTopics(['t'])
    expect((await transport.metadata(null)).topics).toEqual([])
    await transport.createTopics([wanted])
    expect([cluster.endOffset('t', 0), cluster.committedOffset('g', 't', 0)]).toEqual([0, -1])
    const [again] = await transport.deleteTopics(['nope'])
    expect(again!.errorCode).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  })
})

describe('brokers that come and go', () => {
  test('leaders and coordinators move to a replica that is up', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 3 })
    await transport.createTopics([wanted])
    const held = cluster.coordinatorOf('group', 'g')
    cluster.brokerDown(held)
    expect(cluster.coordinatorOf('group', 'g')).not.toBe(held)
    const { topics, brokers } = await transport.metadata(['t'])
    expect(topics[0]!.partitions.some(({ leaderId }) => leaderId === held)).toBe(false)
    expect(brokers.some(({ nodeId }) => nodeId === held)).toBe(false)
    await expect(transport.deleteRecords(held, [])).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    cluster.brokerUp(held)
    expect(cluster.coordinatorOf('group', 'g')).toBe(held)
  })

  test('a partition whose replicas are all down has no leader until one is back', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 2, replicationFactorDefault: 1 })
    await transport.createTopics([wanted])
    cluster.brokerDown(1)
    const partition = (await transport.metadata(['t'])).topics[0]!.partitions[0]!
    expect(partition).toMatchObject({ leaderId: -1, errorCode: kafkaError.LEADER_NOT_AVAILABLE })
    cluster.brokerUp(1)
    expect(cluster.leaderOf('t', 0)).toBe(1)
  })

  test('without any broker nothing connects', async () => {
    const { cluster, transport } = makeCluster()
    await transport.connect()
    cluster.brokerDown(1)
    await expect(transport.connect()).rejects.toThrow('MILLRACE_KAFKA_UNAVAILABLE')
    await expect(transport.metadata(null)).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
  })

  test('what is held by a broker that goes down is lost', async () => {
    const { clock, cluster, transport } = makeCluster()
    await joinGroup(transport)
    const request = { groupId: 'g', memberId: 'nobody', generation: 1, groupInstanceId: null }
    const beat = transport.heartbeat(1, request)
    cluster.brokerDown(1)
    await expect(beat).rejects.toThrow('MILLRACE_KAFKA_RETRIABLE')
    await clock.settle()
  })
})
