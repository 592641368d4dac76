import { type Headers, noHeaders } from '@millrace/record'
import { expect } from 'vitest'
import type { FetchPartitionAnswer, Transport } from '../ports/transport.ts'
import { BatchCursor } from '../wire/batch-cursor.ts'
import { decompressBatch } from '../wire/compression.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { parseRecordBatches } from '../wire/record-batch-reader.ts'
import { RecordBatchWriter, unstamped } from '../wire/record-batch-writer.ts'
import { brokerTest, eventually, newTopic, uniqueName } from './testing/real-broker.ts'

const headers: Headers = [
  ['a', Buffer.from('1')],
  ['ä', null],
  ['a', Buffer.alloc(0)],
]
const startMs = 1_700_000_000_000

function encode(count: number, firstAtMs = startMs): Buffer {
  const writer = new RecordBatchWriter()
  for (let i = 0; i < count; i++) {
    const value = i % 5 === 4 ? null : Buffer.from(`value ${i}`)
    writer.append(Buffer.from(`key ${i}`), value, firstAtMs - i, i === 0 ? headers : noHeaders)
  }
  return writer.finish(unstamped)
}

async function fetchOne(
  of: Transport,
  nodeId: number,
  topic: string,
  offset = 0,
): Promise<FetchPartitionAnswer> {
  const answer = await of.fetch(nodeId, {
    isolation: 'read_uncommitted',
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 10 << 20,
    partitions: [{ topic, partition: 0, offset, maxBytes: 1 << 20 }],
  })
  expect(answer.errorCode).toBe(0)
  return answer.partitions[0]!
}

const produce = (
  transport: Transport,
  nodeId: number,
  topic: string,
  batch: Buffer,
  partition = 0,
) =>
  transport.produce(nodeId, {
    transactionalId: null,
    timeoutMs: 10_000,
    batches: [{ topic, partition, batch }],
  })

brokerTest('a fetch with another leader epoch than the log has is refused', async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  const [described] = (await transport.metadata([topic])).topics
  const leaderEpoch = described?.partitions[0]?.leaderEpoch ?? -1
  expect(leaderEpoch).toBeGreaterThanOrEqual(0)
  const codeAt = async (epoch: number): Promise<number | undefined> => {
    const partitions = [{ topic, partition: 0, offset: 0, leaderEpoch: epoch, maxBytes: 1 << 20 }]
    const bounds = { maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20 }
    const answer = await transport.fetch(nodeId, {
      isolation: 'read_uncommitted',
      ...bounds,
      partitions,
    })
    return answer.partitions[0]?.errorCode
  }
  // The metadata may name a leader that has not taken up its partition yet.
  await eventually('the leader answers', async () =>
    (await codeAt(leaderEpoch)) === 0 ? true : undefined,
  )
  expect(await codeAt(leaderEpoch + 1)).toBe(kafkaError.UNKNOWN_LEADER_EPOCH)
})

// The broker recompresses with Java's libraries, as a Java producer would compress.
for (const type of ['producer', 'gzip', 'snappy', 'lz4', 'zstd']) {
  brokerTest(`what is produced is fetched; topic compression ${type}`, async (transport) => {
    const { topic, nodeId } = await newTopic(transport, { configs: { 'compression.type': type } })
    expect(await produce(transport, nodeId, topic, encode(3_000))).toEqual([
      {
        topic,
        partition: 0,
        errorCode: 0,
        baseOffset: 0,
        logAppendTimeMs: -1,
        logStartOffset: 0,
        refusedRecords: [],
      },
    ])
    await produce(transport, nodeId, topic, encode(10))

    const answer = await fetchOne(transport, nodeId, topic)
    expect(answer).toMatchObject({
      errorCode: 0,
      highWatermark: 3_010,
      lastStableOffset: 3_010,
      logStartOffset: 0,
    })
    const batches = parseRecordBatches(answer.records, 0, answer.records.length, {
      verifyCrc: true,
    })
    expect(batches.map((batch) => batch.compression)).toEqual(
      Array(2).fill(type === 'producer' ? 'none' : type),
    )
    expect(batches[0]).toMatchObject({
      recordCount: 3_000,
      lastOffset: 2_999,
      maxTimestampMs: startMs,
    })

    const cursor = new BatchCursor()
    cursor.load(decompressBatch(batches[0]!))
    for (let i = 0; i < 3_000; i++) {
      expect(cursor.next()).toBe(true)
      expect([cursor.offset, cursor.timestampMs]).toEqual([i, startMs - i])
      expect(cursor.key()?.toString()).toBe(`key ${i}`)
      expect(cursor.value()?.toString()).toBe(i % 5 === 4 ? undefined : `value ${i}`)
      if (i < 2) expect(cursor.headers()).toEqual(i === 0 ? headers : [])
    }
    expect(cursor.next()).toBe(false)
  })
}

brokerTest("with the broker's append time every record has it", async (transport) => {
  const { topic, nodeId } = await newTopic(transport, {
    configs: { 'message.timestamp.type': 'LogAppendTime' },
  })
  const [produced] = await produce(transport, nodeId, topic, encode(2))
  const { records } = await fetchOne(transport, nodeId, topic)
  const cursor = new BatchCursor()
  cursor.load(parseRecordBatches(records, 0, records.length, { verifyCrc: true })[0]!)
  while (cursor.next()) expect(cursor.timestampMs).toBe(produced!.logAppendTimeMs)
})

brokerTest('an answer cut short by its size is read as far as it goes', async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  for (let i = 0; i < 20; i++) await produce(transport, nodeId, topic, encode(50))
  const answer = await transport.fetch(nodeId, {
    isolation: 'read_uncommitted',
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 10 << 20,
    partitions: [{ topic, partition: 0, offset: 75, maxBytes: 5_000 }],
  })
  const records = answer.partitions[0]!.records
  const batches = parseRecordBatches(records, 0, records.length, { verifyCrc: true })
  expect(batches.length).toBeGreaterThan(0)
  expect(batches.length).toBeLessThan(19)
  // Whole batches come back: the first holds the offset asked for, and records before it.
  expect(batches[0]).toMatchObject({ baseOffset: 50, lastOffset: 99 })
})

brokerTest('errors of one partition leave the others alone', async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  const missing = uniqueName('missing')
  const tooLate = new RecordBatchWriter()
  tooLate.append(null, null, Date.now() + 7_200_000, noHeaders)
  const produced = await transport.produce(nodeId, {
    transactionalId: null,
    timeoutMs: 10_000,
    batches: [
      { topic, partition: 0, batch: encode(1) },
      { topic: missing, partition: 0, batch: encode(1) },
    ],
  })
  expect(produced.map(({ errorCode }) => errorCode)).toEqual([
    0,
    kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  ])
  const [refused] = await produce(transport, nodeId, topic, tooLate.finish(unstamped))
  expect(refused).toMatchObject({ errorCode: kafkaError.INVALID_TIMESTAMP })
  expect(await fetchOne(transport, nodeId, topic, 99)).toMatchObject({
    errorCode: kafkaError.OFFSET_OUT_OF_RANGE,
  })
})

brokerTest('offsets are listed by position and by time', async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  await produce(transport, nodeId, topic, encode(1, 1_000))
  await produce(transport, nodeId, topic, encode(1, 3_000))
  const list = async (timestampMs: number) =>
    (
      await transport.listOffsets(nodeId, {
        isolation: 'read_uncommitted',
        partitions: [{ topic, partition: 0, timestampMs }],
      })
    )[0]
  expect(await list(-2)).toMatchObject({ errorCode: 0, offset: 0 })
  expect(await list(-1)).toMatchObject({ errorCode: 0, offset: 2 })
  expect(await list(2_000)).toMatchObject({ errorCode: 0, offset: 1, timestampMs: 3_000 })
  expect(await list(4_000)).toMatchObject({ errorCode: 0, offset: -1 })
})

brokerTest('a fetch that waits for records does not hold up another', async (transport) => {
  const [idle, busy] = [await newTopic(transport), await newTopic(transport)]
  let isIdleAnswered = false
  const request = {
    isolation: 'read_uncommitted',
    maxWaitMs: 5_000,
    minBytes: 1,
    maxBytes: 1 << 20,
  } as const
  const waiting = transport
    .fetch(idle.nodeId, {
      ...request,
      partitions: [{ topic: idle.topic, partition: 0, offset: 0, maxBytes: 1 << 20 }],
    })
    .finally(() => (isIdleAnswered = true))
  await produce(transport, busy.nodeId, busy.topic, encode(1))
  await fetchOne(transport, busy.nodeId, busy.topic)
  expect(isIdleAnswered).toBe(false)
  await produce(transport, idle.nodeId, idle.topic, encode(1))
  expect((await waiting).partitions[0]!.highWatermark).toBe(1)
})
