import { createKafkajsTransport, RecordBatchWriter, unstamped } from '@millrace/kafka'
import { systemClock } from '@millrace/time'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { baseMs } from './harness/input.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const aheadMs = Date.now() + 2 * 3_600_000
const future = { partition: 0, key: 'future', timestampMs: aheadMs }
const present = { partition: 0, key: 'present', timestampMs: baseMs }
/** As long as a `long` of milliseconds goes. */
const anyTime = { 'message.timestamp.after.max.ms': '9223372036854775807' }

describeWithKafka('a record more than an hour ahead', (brokers) => {
  test('is refused by the broker', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 1 } })
    await expect(scene.feed('in', [future])).rejects.toThrow(
      /MILLRACE_KAFKA_RECORD_REFUSED.*INVALID_TIMESTAMP/,
    )
  })

  test('that its topic lets in stops the processor where the output topic does not', async () => {
    await using scene = await Scene.open({ brokers, topics: { out: 1, late: 1 } })
    await scene.create('in', 1, anyTime)
    await scene.feed('in', [future])
    const one = scene.processor('counting.ts', 'one')
    expect((await one.ended()).code).toBe(1)
    const said = JSON.stringify(one.said('the worker has failed'))
    expect(said).toContain('MILLRACE_KAFKA_RECORD_REFUSED')
    expect(said).toContain(`${scene.topic('out')}[0]`)
    expect(said).toContain(`${scene.topic('in')}[0]@0`)
    expect(said).toContain('message.timestamp.after.max.ms')
    expect(await scene.committed('in')).toEqual([0])
  })

  test('is taken at its word where all topics let it in: it closes every window before it', async () => {
    await using scene = await Scene.open({ brokers, topics: { late: 1 } })
    for (const topic of ['in', 'out']) await scene.create(topic, 1, anyTime)
    await scene.feed('in', [present, future, present])
    const one = scene.processor('counting.ts', 'one')
    await one.ready()
    await scene.consumed('in')
    expect((await one.end('SIGTERM')).code).toBe(0)
    const expected = batchCounts(asBatch(await scene.read('in')), window)
    expect([expected.counts.size, expected.late]).toEqual([2, 1])
    expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
    expect((await scene.read('late')).flat()).toHaveLength(1)
  })
})

describeWithKafka('a record with a negative time', (brokers) => {
  test('is left out and counted, and the rest is processed', async () => {
    await using scene = await Scene.open({ brokers, topics: { in: 1, out: 1, late: 1 } })
    await scene.feed('in', [present])
    expect(await writeAt(brokers, scene.topic('in'), -5)).toBe(0)
    await scene.feed('in', [present])
    const one = scene.processor('counting.ts', 'one')
    await one.ready()
    await scene.consumed('in')
    const dropped = { reason: 'negative-timestamp' }
    await scene.until('it is counted', async () => {
      return (await one.metric('millrace_records_dropped_total', dropped)) === 1
    })
    expect((await one.end('SIGTERM')).code).toBe(0)
    expect([...finalsOf(await scene.read('out')).values()]).toEqual([2])
  })
})

/** Writes a record with a time that our own producer would not let pass; the broker's error code. */
async function writeAt(brokers: string, topic: string, timestampMs: number): Promise<number> {
  const connection = { brokers: brokers.split(','), clientId: 'raw' }
  const transport = createKafkajsTransport(connection, () => {}, systemClock)
  try {
    await transport.connect()
    const { topics } = await transport.metadata([topic])
    const writer = new RecordBatchWriter()
    writer.append(Buffer.from('present'), Buffer.from('v'), timestampMs, [])
    const [answer] = await transport.produce(topics[0]?.partitions[0]?.leaderId ?? -1, {
      transactionalId: null,
      timeoutMs: 10_000,
      batches: [{ topic, partition: 0, batch: writer.finish(unstamped) }],
    })
    return answer?.errorCode ?? -1
  } finally {
    await transport.close()
  }
}
