import { conforms, type Theme } from '../theme.ts'

export const producing: Theme = [
  conforms(
    'each partition keeps the order of its records, over many batches',
    async (client, expect) => {
      const topic = await client.topic(3)
      const producer = client.producer({ batchMaxBytes: 2_000 })
      const count = 3_000
      for (let i = 0; i < count; i++)
        client.append(producer, { topic, partition: i % 3 }, [{ value: String(i) }])
      const ends = await producer.flush()
      expect([...ends].sort((a, b) => a.partition - b.partition)).toEqual(
        [0, 1, 2].map((partition) => ({ topic, partition, offset: count / 3 })),
      )
      for (const partition of [0, 1, 2]) {
        const read = await client.read({ topic, partition }, 'read_committed')
        expect(read.map(({ value }) => Number(value))).toEqual(
          Array.from({ length: count / 3 }, (_, i) => i * 3 + partition),
        )
      }
    },
  ),

  conforms(
    'a flush resolves to where each partition written since the last flush ends',
    async (client, expect) => {
      const topic = await client.topic(2)
      const producer = client.producer()
      client.append(producer, { topic, partition: 1 }, [{ value: 'a' }, { value: 'b' }])
      expect(producer.bufferedBytes()).toBeGreaterThan(0)
      expect(await producer.flush()).toEqual([{ topic, partition: 1, offset: 2 }])
      expect(producer.bufferedBytes()).toBe(0)
      client.append(producer, { topic, partition: 0 }, [{ value: 'c' }])
      expect(await producer.flush()).toEqual([{ topic, partition: 0, offset: 1 }])
      expect(await producer.flush()).toEqual([])
    },
  ),

  conforms('two producers do not disturb each other', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const [first, second] = [client.producer(), client.producer()]
    for (let round = 0; round < 5; round++) {
      client.append(first, at, [{ value: `first ${round}` }])
      client.append(second, at, [{ value: `second ${round}` }])
      await Promise.all([first.flush(), second.flush()])
    }
    const values = (await client.read(at, 'read_committed')).map(({ value }) => value ?? '')
    for (const name of ['first', 'second']) {
      expect(values.filter((value) => value.startsWith(name))).toEqual(
        [0, 1, 2, 3, 4].map((i) => `${name} ${i}`),
      )
    }
  }),

  conforms(
    "a record over the producer's own limit is refused at append",
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const producer = client.producer({ recordMaxBytes: 1_000 })
      expect(() => client.append(producer, at, [{ value: 'x'.repeat(2_000) }])).toThrow(
        expect.objectContaining({ code: 'MILLRACE_KAFKA_RECORD_REFUSED' }),
      )
      client.append(producer, at, [{ value: 'small' }])
      await producer.flush()
      expect((await client.read(at, 'read_committed')).map(({ value }) => value)).toEqual(['small'])
    },
  ),

  conforms("a record over the topic's limit is refused by the broker", async (client, expect) => {
    const at = { topic: await client.topic(1, { 'max.message.bytes': '2000' }), partition: 0 }
    const producer = client.producer()
    client.append(producer, at, [{ value: 'x'.repeat(5_000) }])
    await expect(producer.flush()).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_RECORD_REFUSED',
      recovery: 'dead-letter',
    })
    expect(await client.endOffset(at, 'read_uncommitted')).toBe(0)
  }),

  conforms(
    'a timestamp too far ahead is refused by the broker',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const producer = client.producer()
      client.append(producer, at, [
        { value: 'x', timestampMs: client.clock.nowMs() + 2 * 3_600_000 },
      ])
      await expect(producer.flush()).rejects.toMatchObject({
        code: 'MILLRACE_KAFKA_RECORD_REFUSED',
      })
    },
    'timestampLimit',
  ),

  conforms('writing to a topic that does not exist fails, saying so', async (client, expect) => {
    const producer = client.producer({ deliveryTimeoutMs: 30_000 })
    client.append(producer, { topic: client.name('missing'), partition: 0 }, [{ value: 'x' }])
    await expect(producer.flush()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_TOPIC_MISSING' })
  }),
]
