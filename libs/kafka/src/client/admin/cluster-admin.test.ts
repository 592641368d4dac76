import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { connected } from '../testing/fixture.ts'
import { rejection } from '../testing/rejection.ts'
import { connectionLost } from '../testing/scripted-transport.ts'
import { ClusterAdmin } from './cluster-admin.ts'

function administering(leaders: { [topic: string]: number[] }) {
  const fixture = connected(leaders)
  return { ...fixture, admin: new ClusterAdmin(fixture.connection) }
}

describe('creating topics', () => {
  test('resolves when every partition has a leader', async () => {
    const { admin, script, leaders, clock } = administering({})
    script.always('createTopics', (topics) =>
      topics.map(({ topic }) => ({ topic, errorCode: 0, message: null })),
    )
    let isDone = false
    const created = admin.createTopics([{ topic: 'a', partitionCount: 2 }]).then(() => {
      isDone = true
    })
    await clock.advance(100)
    leaders.a = [1, -1]
    await clock.advance(500)
    expect(isDone).toBe(false)
    leaders.a = [1, 2]
    await clock.advance(1_000)
    await created
  })

  test('leaves a topic that exists as it is, and repeats only what failed in passing', async () => {
    const { admin, script, clock } = administering({ a: [1], b: [1] })
    const asked: string[][] = []
    script.always('createTopics', (topics) => {
      asked.push(topics.map(({ topic, replicationFactor }) => `${topic} ${replicationFactor}`))
      return topics.map(({ topic }) => ({
        topic,
        errorCode:
          topic === 'a'
            ? kafkaError.TOPIC_ALREADY_EXISTS
            : asked.length === 1
              ? kafkaError.NOT_CONTROLLER
              : 0,
        message: null,
      }))
    })
    const created = admin.createTopics([
      { topic: 'a', partitionCount: 1 },
      { topic: 'b', partitionCount: 1, replicationFactor: 2 },
    ])
    await clock.advance(1_000)
    await created
    expect(asked).toEqual([['a -1', 'b 2'], ['b 2']])
  })

  test('names the topic and the reason that the broker gives', async () => {
    const { admin, script } = administering({})
    script.always('createTopics', (topics) =>
      topics.map(({ topic }) => ({
        topic,
        errorCode: kafkaError.INVALID_REPLICATION_FACTOR,
        message: 'only 1 broker',
      })),
    )
    const error = await rejection(
      admin.createTopics([{ topic: 'a', partitionCount: 1, replicationFactor: 3 }]),
    )
    expect(error.message).toMatch(/creating topic a \(only 1 broker\).*INVALID_REPLICATION_FACTOR/)
  })
})

describe('deleting', () => {
  test('a topic that is gone when an answer was lost counts as deleted', async () => {
    const { admin, script, clock } = administering({ a: [1] })
    let isLost = true
    script.always('deleteTopics', (topics) => {
      if (isLost) {
        isLost = false
        throw connectionLost()
      }
      return topics.map((topic) => ({
        topic,
        errorCode: kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
        message: null,
      }))
    })
    const deleted = admin.deleteTopics(['a'])
    await clock.advance(100)
    await deleted
    expect(script.count('deleteTopics')).toBe(2)
  })

  test('records goes to the leader of each partition', async () => {
    const { admin, script } = administering({ a: [1, 2] })
    const asked: unknown[] = []
    script.always('deleteRecords', (nodeId, before) => {
      asked.push([nodeId, before])
      return before.map((each) => ({ ...each, errorCode: 0 }))
    })
    await admin.deleteRecords([0, 1].map((partition) => ({ topic: 'a', partition, offset: 5 })))
    expect(asked).toEqual([
      [1, [{ topic: 'a', partition: 0, offset: 5 }]],
      [2, [{ topic: 'a', partition: 1, offset: 5 }]],
    ])
  })

  test('a group that does not exist is fine', async () => {
    const { admin, script } = administering({})
    script.always('deleteGroup', () => ({ errorCode: kafkaError.GROUP_ID_NOT_FOUND }))
    await admin.deleteGroups(['g'])
    script.always('deleteGroup', () => ({ errorCode: kafkaError.NON_EMPTY_GROUP }))
    await expect(admin.deleteGroups(['g'])).rejects.toThrow(/NON_EMPTY_GROUP/)
  })
})

describe('groups', () => {
  test('offsets are reset by a commit without member and generation, refused while there are members', async () => {
    const { admin, script } = administering({})
    let sent: unknown
    let code = 0
    script.always('offsetCommit', (_, request) => {
      sent = request
      return request.offsets.map((each) => ({ ...each, errorCode: code }))
    })
    const offsets = [{ topic: 'a', partition: 0, offset: 5 }]
    await admin.resetOffsets('g', offsets)
    expect(sent).toEqual({
      groupId: 'g',
      generation: -1,
      memberId: '',
      groupInstanceId: null,
      offsets,
    })
    code = kafkaError.UNKNOWN_MEMBER_ID
    await expect(admin.resetOffsets('g', offsets)).rejects.toThrow(
      /resetting the offsets of group g.*UNKNOWN_MEMBER_ID/,
    )
  })

  test('one that never was is described as dead', async () => {
    const { admin, script } = administering({})
    script.always('describeGroup', () => ({
      errorCode: kafkaError.GROUP_ID_NOT_FOUND,
      state: '',
      memberCount: 0,
    }))
    expect(await admin.describeGroup('g')).toEqual({ state: 'Dead', memberCount: 0 })
  })
})

describe('looking at topics', () => {
  test('partitions are added only where there are fewer, and led before it resolves', async () => {
    const { admin, script, leaders, clock } = administering({ a: [1] })
    script.always('createPartitions', () => {
      leaders.a = [1, 2]
      return { errorCode: 0, message: null }
    })
    const added = admin.addPartitions('a', 2)
    await clock.advance(100)
    await added
    await admin.addPartitions('a', 2)
    expect(script.count('createPartitions')).toBe(1)
  })

  test('replicas, leaders and the list of topics come from fresh metadata', async () => {
    const { admin } = administering({ a: [1, -1] })
    expect(await admin.replicationFactor('a')).toBe(2)
    expect(await admin.leaders([0, 1, 7].map((partition) => ({ topic: 'a', partition })))).toEqual([
      1, -1, -1,
    ])
    expect(await admin.listTopics()).toEqual(['a'])
    await expect(admin.topicConfigs('gone')).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_TOPIC_MISSING',
    })
  })
})
