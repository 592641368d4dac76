import { kafkaError } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { batchOf, initProducer, makeCluster, send } from '../fixtures.ts'

const at = { topic: 't', partition: 0 }

describe('listing offsets', () => {
  test("earliest is the log's start, latest its end or, read-committed, the last stable offset", async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const producer = await initProducer(transport, 'p')
    await send(transport, 't', batchOf(['a', 'b', 'c']))
    await transport.addPartitionsToTxn(1, { ...producer, partitions: [at] })
    const batch = batchOf(['d'], { ...producer, baseSequence: 0, isTransactional: true })
    await send(transport, 't', batch, { transactionalId: 'p' })
    cluster.deleteRecords('t', 0, 1)
    const list = async (timestampMs: number, isolation: 'read_committed' | 'read_uncommitted') => {
      const partitions = [{ ...at, timestampMs }]
      return (await transport.listOffsets(1, { isolation, partitions }))[0]!.offset
    }
    expect(await list(-2, 'read_committed')).toBe(1)
    expect(await list(-1, 'read_uncommitted')).toBe(4)
    expect(await list(-1, 'read_committed')).toBe(3)
  })

  test('a timestamp finds the first record at or after it, wherever later ones lie', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    cluster.appendAll(
      't',
      0,
      [100, 300, 200].map((timestampMs) => ({ timestampMs })),
    )
    cluster.append('t', 0, { timestampMs: 250 })
    const list = async (timestampMs: number) => {
      const partitions = [{ ...at, timestampMs }]
      return (await transport.listOffsets(1, { isolation: 'read_uncommitted', partitions }))[0]!
    }
    expect(await list(200)).toMatchObject({ offset: 1, timestampMs: 300 })
    expect(await list(100)).toMatchObject({ offset: 0, timestampMs: 100 })
    expect(await list(301)).toMatchObject({ offset: -1, timestampMs: -1, errorCode: 0 })
  })
})

describe('deleting records', () => {
  test('moves the start, also to the middle of a batch, and not beyond the end', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    await send(transport, 't', batchOf(['a', 'b', 'c']))
    const code = async (offset: number) =>
      (await transport.deleteRecords(1, [{ ...at, offset }]))[0]!.errorCode
    expect(await code(4)).toBe(kafkaError.OFFSET_OUT_OF_RANGE)
    expect(await code(1)).toBe(0)
    expect(cluster.readAll('t').map(({ offset }) => offset)).toEqual([1, 2])
    expect(await code(-1)).toBe(0)
    expect(cluster.startOffset('t', 0)).toBe(3)
  })

  test('is refused for a topic that is compacted only', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', { configs: { 'cleanup.policy': 'compact' } })
    const [answer] = await transport.deleteRecords(1, [{ ...at, offset: 0 }])
    expect(answer!.errorCode).toBe(44)
  })
})
