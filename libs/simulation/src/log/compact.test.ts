import { parseRecordBatches } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { batchOf, fetchFrom, initProducer, makeCluster, send, text } from '../fixtures.ts'
import type { SimulatedCluster } from '../simulated-cluster.ts'

const compacted = { configs: { 'cleanup.policy': 'compact' } }

function put(cluster: SimulatedCluster, ...pairs: readonly [key: string, value: string | null][]) {
  const records = pairs.map(([key, value]) => {
    return { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
  })
  cluster.appendAll('t', 0, records)
}

function kept(cluster: SimulatedCluster): string[] {
  return cluster
    .readAll('t')
    .map(({ offset, key, value }) => `${offset} ${text(key)}=${text(value)}`)
}

describe('the log cleaner', () => {
  test('keeps the last record of each key at its offset', () => {
    const { cluster } = makeCluster()
    cluster.createTopic('t', compacted)
    put(cluster, ['a', '1'], ['b', '1'], ['a', '2'])
    put(cluster, ['c', '1'], ['b', '2'])
    put(cluster, ['a', '3'])
    cluster.compact('t')
    expect(kept(cluster)).toEqual(['3 c=1', '4 b=2', '5 a=3'])
    expect([cluster.startOffset('t', 0), cluster.endOffset('t', 0)]).toEqual([0, 6])
  })

  test('a batch that lost records keeps the offsets it spans and its checksum holds', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', compacted)
    put(cluster, ['a', '1'], ['b', '1'], ['a', '2'], ['b', '2'], ['z', '1'])
    put(cluster, ['z', '2'])
    cluster.compact('t')
    const { records } = await fetchFrom(transport, 't', 0)
    const batches = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
    const spans = batches.map((b) => [b.baseOffset, b.lastOffset, b.recordCount])
    expect(spans).toEqual([
      [0, 4, 2],
      [5, 5, 1],
    ])
    expect(kept(cluster)).toEqual(['2 a=2', '3 b=2', '5 z=2'])
  })

  test('keeps tombstones until their retention is over', () => {
    const { cluster } = makeCluster()
    cluster.createTopic('t', compacted)
    put(cluster, ['a', '1'])
    put(cluster, ['a', null])
    put(cluster, ['b', '1'])
    cluster.compact('t')
    expect(kept(cluster)).toEqual(['1 a=null', '2 b=1'])
    cluster.compact('t', { dropTombstones: true })
    expect(kept(cluster)).toEqual(['2 b=1'])
  })

  test('leaves an empty batch at the end, so that a reader gets past it', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', compacted)
    put(cluster, ['a', '1'])
    put(cluster, ['a', null])
    cluster.compact('t', { dropTombstones: true })
    const { records } = await fetchFrom(transport, 't', 0)
    const [batch] = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
    expect(batch).toMatchObject({ baseOffset: 1, lastOffset: 1, recordCount: 0 })
  })

  test('leaves what lies at or after a given offset alone', () => {
    const { cluster } = makeCluster()
    cluster.createTopic('t', compacted)
    put(cluster, ['a', '1'])
    put(cluster, ['a', '2'])
    put(cluster, ['a', '3'])
    cluster.compact('t', { untilOffset: 2 })
    expect(kept(cluster)).toEqual(['1 a=2', '2 a=3'])
  })

  test("keeps a producer's last batch, empty, and goes on to recognise its repetition", async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', compacted)
    const batch = batchOf(['a'], { producerId: 7, producerEpoch: 0, baseSequence: 0 })
    await send(transport, 't', batch)
    put(cluster, ['a', 'later'])
    cluster.compact('t')
    const { records } = await fetchFrom(transport, 't', 0)
    const [first] = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
    expect(first).toMatchObject({ baseOffset: 0, recordCount: 0, producerId: 7 })
    expect((await send(transport, 't', batch)).baseOffset).toBe(0)
  })

  test('takes aborted records away and stops before an open transaction', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t', compacted)
    const producer = await initProducer(transport, 'p')
    const partitions = [{ topic: 't', partition: 0 }]
    const write = async (value: string, baseSequence: number) => {
      await transport.addPartitionsToTxn(1, { ...producer, partitions })
      const batch = batchOf([value], { ...producer, baseSequence, isTransactional: true })
      await send(transport, 't', batch, { transactionalId: 'p' })
    }
    put(cluster, ['a', 'first'])
    await write('a', 0)
    await transport.endTxn(1, { ...producer, isCommit: false })
    await write('b', 1)
    await transport.endTxn(1, { ...producer, isCommit: true })
    put(cluster, ['z', '1'])
    await write('a', 2)
    cluster.compact('t', { dropTombstones: true })
    expect(kept(cluster)).toEqual(['0 a=first', '3 b=b', '5 z=1'])
    expect(cluster.lastStableOffset('t', 0)).toBe(6)
    const read = await fetchFrom(transport, 't', 0, { isolation: 'read_committed' })
    const { records } = read
    const batches = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
    // The abort marker at 2 went with its record and its entry, the commit marker at 4 stays with its own.
    expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([0, 3, 4, 5])
    expect(read.abortedTransactions).toEqual([])
    await transport.endTxn(1, { ...producer, isCommit: true })
    expect(kept(cluster)).toEqual(['0 a=first', '3 b=b', '5 z=1', '6 a=a'])
    cluster.compact('t', { dropTombstones: true })
    expect(kept(cluster)).toEqual(['3 b=b', '5 z=1', '6 a=a'])
  })
})
