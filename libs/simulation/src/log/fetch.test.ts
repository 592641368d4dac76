import { kafkaError, parseRecordBatches } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { batchOf, fetchFrom, initProducer, makeCluster, send, text } from '../fixtures.ts'

describe('fetching', () => {
  test('starts with the batch that holds the offset', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    await send(transport, 't', batchOf(['a', 'b', 'c']))
    await send(transport, 't', batchOf(['d']))
    const offsets = async (offset: number) => {
      const { records } = await fetchFrom(transport, 't', offset)
      return parseRecordBatches(records, 0, records.length, { verifyCrc: true }).map(
        (b) => b.baseOffset,
      )
    }
    expect(await offsets(0)).toEqual([0, 3])
    expect(await offsets(2)).toEqual([0, 3])
    expect(await offsets(3)).toEqual([3])
    expect(await offsets(4)).toEqual([])
  })

  test('answers within the byte limit, the last batch cut short, but at least one whole batch', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const sizeBytes = batchOf(['a']).length
    for (const value of ['a', 'b', 'c']) await send(transport, 't', batchOf([value]))
    const size = async (maxBytes: number) =>
      (await fetchFrom(transport, 't', 0, { maxBytes })).records.length
    expect(await size(1)).toBe(sizeBytes)
    expect(await size(sizeBytes * 2 + 10)).toBe(sizeBytes * 2 + 10)
    expect(await size(1_000_000)).toBe(sizeBytes * 3)
  })

  test('waits for a record, and no longer than it was told', async () => {
    const { clock, cluster, transport } = makeCluster()
    cluster.createTopic('t')
    let answered = false
    const waiting = fetchFrom(transport, 't', 0, { maxWaitMs: 500 })
    void waiting.then(() => {
      answered = true
    })
    await clock.advance(499)
    expect(answered).toBe(false)
    await clock.advance(1)
    expect((await waiting).records.length).toBe(0)

    const woken = fetchFrom(transport, 't', 0, { maxWaitMs: 500 })
    await clock.settle()
    await send(transport, 't', batchOf(['a']))
    expect((await woken).records.length).toBeGreaterThan(0)
    expect(clock.pendingTimers).toBe(0)
  })

  test('is refused where the reader knows another leader epoch (KIP-320)', async () => {
    const { cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.createTopic('t')
    cluster.moveLeader('t', 0)
    const codeAt = async (leaderEpoch: number): Promise<number> =>
      (await fetchFrom(transport, 't', 0, { nodeId: 2, leaderEpoch })).errorCode
    expect(await codeAt(0)).toBe(kafkaError.FENCED_LEADER_EPOCH)
    expect(await codeAt(1)).toBe(0)
    expect(await codeAt(2)).toBe(kafkaError.UNKNOWN_LEADER_EPOCH)
  })

  test('is answered at once where the leader moves away or the topic goes', async () => {
    const { clock, cluster, transport } = makeCluster({ brokerCount: 2 })
    cluster.createTopic('t')
    const held = fetchFrom(transport, 't', 0, { maxWaitMs: 500 })
    await clock.settle()
    cluster.moveLeader('t', 0)
    expect((await held).errorCode).toBe(kafkaError.NOT_LEADER_OR_FOLLOWER)
    const heldAgain = fetchFrom(transport, 't', 0, { maxWaitMs: 500, nodeId: 2 })
    await clock.settle()
    await transport.deleteTopics(['t'])
    expect((await heldAgain).errorCode).toBe(kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test("is out of range below the log's start and beyond its end", async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    await send(transport, 't', batchOf(['a', 'b', 'c']))
    await transport.deleteRecords(1, [{ topic: 't', partition: 0, offset: 2 }])
    const code = async (offset: number) => (await fetchFrom(transport, 't', offset)).errorCode
    expect(await code(1)).toBe(kafkaError.OFFSET_OUT_OF_RANGE)
    expect(await code(2)).toBe(0)
    expect(await code(4)).toBe(kafkaError.OFFSET_OUT_OF_RANGE)
  })

  test('read-committed stops at the first open transaction and names the aborted ones', async () => {
    const { cluster, transport } = makeCluster()
    cluster.createTopic('t')
    const part = { topic: 't', partition: 0 }
    const aborting = await initProducer(transport, 'aborting')
    const open = await initProducer(transport, 'open')
    const put = async (producer: typeof open, value: string, baseSequence: number) => {
      await transport.addPartitionsToTxn(1, { ...producer, partitions: [part] })
      const batch = batchOf([value], { ...producer, baseSequence, isTransactional: true })
      return send(transport, 't', batch, { transactionalId: producer.transactionalId })
    }
    await put(aborting, 'no', 0)
    await put(open, 'later', 0)
    await transport.endTxn(1, { ...aborting, isCommit: false })
    await send(transport, 't', batchOf(['plain']))

    const committed = await fetchFrom(transport, 't', 0, { isolation: 'read_committed' })
    expect(committed.lastStableOffset).toBe(1)
    expect(committed.highWatermark).toBe(4)
    const { records } = committed
    const batches = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
    expect(batches.map((batch) => batch.lastOffset)).toEqual([0])
    expect(committed.abortedTransactions).toEqual([
      { producerId: aborting.producerId, firstOffset: 0 },
    ])
    const uncommitted = await fetchFrom(transport, 't', 0)
    expect(uncommitted.abortedTransactions).toEqual([])
    expect(cluster.readAll('t').length).toBe(0)

    await transport.endTxn(1, { ...open, isCommit: true })
    const after = await fetchFrom(transport, 't', 2, { isolation: 'read_committed' })
    expect(after.lastStableOffset).toBe(5)
    expect(cluster.readAll('t').map(({ value }) => text(value))).toEqual(['later', 'plain'])
  })
})
