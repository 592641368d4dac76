import { kafkaError, restamp } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { batchOf, fetchFrom, makeCluster, send, text } from '../fixtures.ts'

const producer = { producerId: 7, producerEpoch: 0 }

describe('producing', () => {
  test('gives offsets in order and keeps the bytes but for offset and leader epoch', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    expect((await send(transport, 't', batchOf(['a', 'b']))).baseOffset).toBe(0)
    expect((await send(transport, 't', batchOf(['c']))).baseOffset).toBe(2)
    const { records } = await fetchFrom(transport, 't', 0)
    const sent = Buffer.concat([batchOf(['a', 'b']), batchOf(['c'])])
    expect(records.length).toBe(sent.length)
    expect(records.subarray(16, 61)).toEqual(sent.subarray(16, 61))
    expect(cluster.readAll('t').map(({ offset, value }) => `${offset} ${text(value)}`)).toEqual([
      '0 a',
      '1 b',
      '2 c',
    ])
  })

  test('leaves the bytes that the producer keeps for a retry alone', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    await send(transport, 't', batchOf(['a']))
    const batch = batchOf(['b'])
    const before = Buffer.from(batch)
    await send(transport, 't', batch)
    expect(batch).toEqual(before)
  })

  test('an unknown topic or partition, and a broker that does not lead, are refused', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.createTopic('t')
    const code = async (topic: string, nodeId: number, partition = 0) =>
      (await send(transport, topic, batchOf(['a']), { nodeId, partition })).errorCode
    expect(await code('nope', 1)).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await code('t', 1, 5)).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await code('t', 2)).toBe(kafkaError.NOT_LEADER_OR_FOLLOWER)
    cluster.moveLeader('t', 0)
    expect(await code('t', 1)).toBe(kafkaError.NOT_LEADER_OR_FOLLOWER)
    expect(await code('t', 2)).toBe(0)
  })

  test('a batch with a flipped bit is corrupt', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const batch = batchOf(['a'])
    batch[batch.length - 1]! ^= 1
    expect((await send(transport, 't', batch)).errorCode).toBe(kafkaError.CORRUPT_MESSAGE)
    expect(cluster.endOffset('t', 0)).toBe(0)
  })

  test('a batch over max.message.bytes is too large', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', { configs: { 'max.message.bytes': '100' } })
    const large = await send(transport, 't', batchOf(['x'.repeat(50)]))
    expect(large.errorCode).toBe(kafkaError.MESSAGE_TOO_LARGE)
    expect((await send(transport, 't', batchOf(['x']))).errorCode).toBe(0)
  })

  test('a timestamp is refused beyond an hour ahead of the clock', async () => {
    const { clock, cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const limitMs = clock.nowMs() + 3_600_000
    const code = async (timestampMs: number) =>
      (await send(transport, 't', batchOf(['a'], {}, timestampMs))).errorCode
    expect(await code(limitMs)).toBe(0)
    expect(await code(limitMs + 1)).toBe(kafkaError.INVALID_TIMESTAMP)
    await clock.advance(1)
    expect(await code(limitMs + 1)).toBe(0)
    cluster.setTopicConfig('t', 'message.timestamp.after.max.ms', '9223372036854775807')
    expect(await code(limitMs * 2)).toBe(0)
  })

  test('a timestamp is refused below message.timestamp.before.max.ms', async () => {
    const { clock, cluster, transport } = makeCluster()
    cluster.createTopic('t', { configs: { 'message.timestamp.before.max.ms': '1000' } })
    const old = await send(transport, 't', batchOf(['a'], {}, clock.nowMs() - 1_001))
    expect(old.errorCode).toBe(kafkaError.INVALID_TIMESTAMP)
    const young = await send(transport, 't', batchOf(['a'], {}, clock.nowMs() - 1_000))
    expect(young.errorCode).toBe(0)
  })

  test("LogAppendTime puts the broker's time into the batch and the answer", async () => {
    const { clock, cluster, transport } = makeCluster()
    cluster.createTopic('t', { configs: { 'message.timestamp.type': 'LogAppendTime' } })
    const answer = await send(transport, 't', batchOf(['a'], {}, clock.nowMs() * 2))
    expect(answer.logAppendTimeMs).toBe(clock.nowMs())
    expect(cluster.readAll('t')[0]!.timestampMs).toBe(clock.nowMs())
  })

  test('a compacted topic refuses a record without a key', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', { configs: { 'cleanup.policy': 'compact' } })
    const { RecordBatchWriter, unstamped } = await import('@millrace/kafka')
    const writer = new RecordBatchWriter()
    writer.append(null, Buffer.from('v'), 0, [])
    const { errorCode } = await send(transport, 't', writer.finish(unstamped))
    expect(errorCode).toBe(kafkaError.INVALID_RECORD)
  })
})

describe('an idempotent producer', () => {
  test('gets the first offset again for a repeated batch, among its last five', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const batches = [0, 1, 2, 3, 4, 5].map((i) =>
      batchOf([`${i}`], { ...producer, baseSequence: i }),
    )
    for (const batch of batches) await send(transport, 't', batch)
    const again = await send(transport, 't', batches[1]!)
    expect([again.errorCode, again.baseOffset]).toEqual([0, 1])
    const forgotten = await send(transport, 't', batches[0]!)
    expect(forgotten.errorCode).toBe(kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(cluster.endOffset('t', 0)).toBe(6)
  })

  test('is refused a gap in its sequence', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    await send(transport, 't', batchOf(['a', 'b'], { ...producer, baseSequence: 0 }))
    const gap = await send(transport, 't', batchOf(['d'], { ...producer, baseSequence: 3 }))
    expect(gap.errorCode).toBe(kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
    const next = await send(transport, 't', batchOf(['c'], { ...producer, baseSequence: 2 }))
    expect(next.errorCode).toBe(0)
  })

  test('begins anywhere on a partition that does not know it, and at nought after a bump', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const first = await send(transport, 't', batchOf(['a'], { ...producer, baseSequence: 9 }))
    expect(first.errorCode).toBe(0)
    const batch = batchOf(['b'])
    const code = async (producerEpoch: number, baseSequence: number) => {
      restamp(batch, { producerId: 7, producerEpoch, baseSequence })
      return (await send(transport, 't', batch)).errorCode
    }
    expect(await code(1, 10)).toBe(kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(await code(1, 0)).toBe(0)
    expect(await code(0, 10)).toBe(kafkaError.INVALID_PRODUCER_EPOCH)
  })

  test('goes on at nought after sequence 2^31 - 1', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const last = 2 ** 31 - 1
    await send(transport, 't', batchOf(['a'], { ...producer, baseSequence: last }))
    const next = await send(transport, 't', batchOf(['b'], { ...producer, baseSequence: 0 }))
    expect(next.errorCode).toBe(0)
  })
})
