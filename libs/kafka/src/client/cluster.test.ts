import { describe, expect, test } from 'vitest'
import type { Cluster } from '../ports/cluster.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { createCluster } from './cluster.ts'
import { connected } from './testing/fixture.ts'
import { rejection } from './testing/rejection.ts'
import { connectionLost } from './testing/scripted-transport.ts'

function cluster(leaders: { [topic: string]: number[] }) {
  const fixture = connected(leaders)
  const made: Cluster = createCluster({ transport: fixture.script.transport, clock: fixture.clock })
  fixture.script.always('connect', () => undefined)
  fixture.script.always('close', () => undefined)
  return { ...fixture, cluster: made }
}

const at = (topic: string, partition: number) => ({ topic, partition })

describe('connecting', () => {
  test('asks a broker once and says that none is there', async () => {
    const { cluster: made, script } = cluster({})
    await made.connect()
    script.always('connect', () => {
      throw connectionLost()
    })
    await expect(made.connect()).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_UNAVAILABLE',
      recovery: 'retry',
    })
    expect(script.count('connect')).toBe(2)
  })
})

describe('metadata', () => {
  test('leaves out topics that do not exist and asks anew each time', async () => {
    const { cluster: made, leaders } = cluster({ a: [1, 2] })
    expect([...(await made.metadata(['a', 'gone'])).values()]).toEqual([
      { topic: 'a', partitionCount: 2 },
    ])
    leaders.a = [1, 2, 1]
    expect((await made.metadata(['a'])).get('a')?.partitionCount).toBe(3)
  })

  test('is not asked for no topics: that would mean all', async () => {
    const { cluster: made, script } = cluster({ a: [1] })
    expect((await made.metadata([])).size).toBe(0)
    expect(script.count('metadata')).toBe(0)
  })
})

describe('listing offsets', () => {
  test('asks each leader for its partitions and answers in the order asked', async () => {
    const { cluster: made, script } = cluster({ a: [1, 2, 1] })
    const asked: unknown[] = []
    script.always('listOffsets', (nodeId, { isolation, partitions }) => {
      asked.push([
        nodeId,
        isolation,
        partitions.map(({ partition, timestampMs }) => [partition, timestampMs]),
      ])
      return partitions.map((each) => ({ ...each, errorCode: 0, offset: 10 + each.partition }))
    })
    const partitions = [at('a', 2), at('a', 1), at('a', 0)]
    expect(await made.listOffsets(partitions, 'latest', 'read_committed')).toEqual([
      { topic: 'a', partition: 2, offset: 12 },
      { topic: 'a', partition: 1, offset: 11 },
      { topic: 'a', partition: 0, offset: 10 },
    ])
    expect(asked).toEqual([
      [
        1,
        'read_committed',
        [
          [2, -1],
          [0, -1],
        ],
      ],
      [2, 'read_committed', [[1, -1]]],
    ])
  })

  test('repeats only the partitions that failed, at their new leader', async () => {
    const { cluster: made, script, leaders, clock } = cluster({ a: [1, 1] })
    const asked: unknown[] = []
    script.always('listOffsets', (nodeId, { partitions }) => {
      asked.push([nodeId, partitions.map(({ partition }) => partition)])
      return partitions.map((each) => ({
        ...each,
        errorCode: nodeId === 1 && each.partition === 0 ? kafkaError.NOT_LEADER_OR_FOLLOWER : 0,
        offset: 5,
      }))
    })
    const listed = made.listOffsets([at('a', 0), at('a', 1)], 'earliest', 'read_uncommitted')
    await clock.advance(0)
    leaders.a = [2, 1]
    await clock.advance(100)
    expect(await listed).toHaveLength(2)
    expect(asked).toEqual([
      [1, [0, 1]],
      [2, [0]],
    ])
  })

  test('a timestamp after the last record gives the end', async () => {
    const { cluster: made, script } = cluster({ a: [1] })
    script.always('listOffsets', (_, { partitions }) =>
      partitions.map((each) => ({
        ...each,
        errorCode: 0,
        offset: each.timestampMs === -1 ? 77 : -1,
      })),
    )
    const [listed] = await made.listOffsets(
      [at('a', 0)],
      { timestampMs: 5_000 },
      'read_uncommitted',
    )
    expect(listed!.offset).toBe(77)
  })

  test('of a topic that does not exist ends with its name', async () => {
    const { cluster: made, clock } = cluster({})
    const failed = rejection(made.listOffsets([at('gone', 0)], 'latest', 'read_uncommitted'))
    await clock.advance(20_000)
    expect(await failed).toMatchObject({
      code: 'MILLRACE_KAFKA_TOPIC_MISSING',
      message: expect.stringContaining('gone'),
    })
  })
})

describe('committed offsets', () => {
  test('leave out partitions without one', async () => {
    const { cluster: made, script } = cluster({ a: [1, 1] })
    script.always('offsetFetch', (_, { partitions }) => ({
      errorCode: 0,
      partitions: partitions.map((each) => ({
        ...each,
        errorCode: 0,
        offset: each.partition === 0 ? 9 : -1,
      })),
    }))
    const committed = await made.committedOffsets('g', [at('a', 0), at('a', 1)], {
      requireStable: true,
    })
    expect(committed).toEqual([{ topic: 'a', partition: 0, offset: 9 }])
  })

  test('are not asked for no partitions', async () => {
    const { cluster: made, script } = cluster({})
    expect(await made.committedOffsets('g', [], { requireStable: true })).toEqual([])
    expect(script.count('offsetFetch')).toBe(0)
  })

  test('wait while one belongs to an undecided transaction', async () => {
    const { cluster: made, script, clock } = cluster({ a: [1] })
    let undecided = 4
    script.always('offsetFetch', (_, { requireStable, partitions }) => {
      expect(requireStable).toBe(true)
      const errorCode = undecided-- > 0 ? kafkaError.UNSTABLE_OFFSET_COMMIT : 0
      return {
        errorCode: 0,
        partitions: partitions.map((each) => ({ ...each, errorCode, offset: 9 })),
      }
    })
    const read = made.committedOffsets('g', [at('a', 0)], { requireStable: true })
    await clock.advance(1_000)
    expect(await read).toHaveLength(1)
    expect(script.count('offsetFetch')).toBe(5)
  })
})

test('a closed cluster ends what is being repeated', async () => {
  const { cluster: made, script, clock } = cluster({ a: [1] })
  script.always('offsetFetch', () => {
    throw connectionLost()
  })
  const failed = rejection(made.committedOffsets('g', [at('a', 0)], { requireStable: false }))
  await clock.advance(100)
  await made.close()
  expect(await failed).toMatchObject({ code: 'MILLRACE_KAFKA_CLOSED' })
})
