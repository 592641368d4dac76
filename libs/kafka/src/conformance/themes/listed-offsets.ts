import { conforms, type Theme } from '../theme.ts'

const both = ['read_committed', 'read_uncommitted'] as const

export const listedOffsets: Theme = [
  conforms('an empty partition begins and ends at zero', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    for (const isolation of both) {
      expect(await client.cluster.listOffsets([at], 'earliest', isolation)).toEqual([
        { ...at, offset: 0 },
      ])
      expect(await client.cluster.listOffsets([at], 'latest', isolation)).toEqual([
        { ...at, offset: 0 },
      ])
    }
  }),

  conforms('answers come in the order of the partitions asked for', async (client, expect) => {
    const topic = await client.topic(3)
    await client.write({ topic, partition: 1 }, [{ value: 'x' }])
    const asked = [2, 1, 0].map((partition) => ({ topic, partition }))
    expect(await client.cluster.listOffsets(asked, 'latest', 'read_committed')).toEqual([
      { topic, partition: 2, offset: 0 },
      { topic, partition: 1, offset: 1 },
      { topic, partition: 0, offset: 0 },
    ])
  }),

  conforms(
    'a time is answered with the first offset at or after it, or the end',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const base = client.clock.nowMs() - 100_000
      // Disordered: the first *offset* with such a time counts, not the smallest time.
      for (const delta of [0, 5_000, 2_000, 9_000])
        await client.write(at, [{ value: 'x', timestampMs: base + delta }])
      const offsetAt = async (delta: number, isolation: (typeof both)[number]) => {
        return (await client.cluster.listOffsets([at], { timestampMs: base + delta }, isolation))[0]
          ?.offset
      }
      for (const isolation of both) {
        expect(await offsetAt(-1, isolation)).toBe(0)
        expect(await offsetAt(0, isolation)).toBe(0)
        expect(await offsetAt(1, isolation)).toBe(1)
        expect(await offsetAt(6_000, isolation)).toBe(3)
        expect(await offsetAt(9_001, isolation)).toBe(4)
      }
    },
  ),

  conforms('an open transaction holds the end for read-committed only', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    await client.write(at, [{ value: 'before' }])
    const producer = await client.transactionalProducer()
    producer.begin()
    client.append(producer, at, [{ value: 'open' }])
    await producer.flush()
    expect(await client.endOffset(at, 'read_committed')).toBe(1)
    expect(await client.endOffset(at, 'read_uncommitted')).toBe(2)
    await producer.commit()
    // The record, and the marker after it.
    await client.until(
      'the marker',
      async () => (await client.endOffset(at, 'read_committed')) === 3,
    )
  }),
]
