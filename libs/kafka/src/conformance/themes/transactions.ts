import { conforms, type Theme } from '../theme.ts'

export const transactions: Theme = [
  conforms(
    'records become visible together, and the position passes over the marker',
    async (client, expect) => {
      const topic = await client.topic(2)
      const producer = await client.transactionalProducer()
      producer.begin()
      for (const partition of [0, 1])
        client.append(producer, { topic, partition }, [{ value: `on ${partition}` }])
      await producer.flush()
      const reader = client.reader({ topic, partition: 0 }, 'read_committed')
      await reader.poll()
      expect(reader.records).toEqual([])
      await producer.commit()
      for (const partition of [0, 1]) {
        const at = { topic, partition }
        await client.until(
          'the marker',
          async () => (await client.endOffset(at, 'read_committed')) === 2,
        )
        expect((await client.read(at, 'read_committed')).map(({ value }) => value)).toEqual([
          `on ${partition}`,
        ])
      }
      await reader.readTo(2)
      expect(reader.values).toEqual(['on 0'])
    },
  ),

  conforms('aborted records are read by read-uncommitted alone', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const producer = await client.transactionalProducer()
    producer.begin()
    client.append(producer, at, [{ value: 'aborted' }])
    await producer.flush()
    await producer.abort()
    producer.begin()
    client.append(producer, at, [{ value: 'kept' }])
    await producer.commit()
    await client.until(
      'both markers',
      async () => (await client.endOffset(at, 'read_committed')) === 4,
    )
    expect((await client.read(at, 'read_committed')).map(({ value }) => value)).toEqual(['kept'])
    expect((await client.read(at, 'read_uncommitted')).map(({ value }) => value)).toEqual([
      'aborted',
      'kept',
    ])
  }),

  conforms(
    'interleaved producers: each record follows the outcome of its own transaction',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const [a, b] = [await client.transactionalProducer(), await client.transactionalProducer()]
      //  a: [a1     a2     abort]  [a3    commit]
      //  b:     [b1     b2                       commit]
      a.begin()
      b.begin()
      for (const [producer, value] of [
        [a, 'a1'],
        [b, 'b1'],
        [a, 'a2'],
        [b, 'b2'],
      ] as const) {
        client.append(producer, at, [{ value }])
        await producer.flush()
      }
      await a.abort()
      a.begin()
      client.append(a, at, [{ value: 'a3' }])
      await a.commit()
      expect((await client.read(at, 'read_committed')).map(({ value }) => value)).toEqual([])
      await b.commit()
      await client.until(
        'all markers',
        async () => (await client.endOffset(at, 'read_committed')) === 8,
      )
      expect((await client.read(at, 'read_committed')).map(({ value }) => value)).toEqual([
        'b1',
        'b2',
        'a3',
      ])
      // Begun inside both transactions: what was aborted before the start still filters.
      expect((await client.read(at, 'read_committed', 2)).map(({ value }) => value)).toEqual([
        'b2',
        'a3',
      ])
    },
  ),

  conforms('aborting again and again leaves only what was committed', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const producer = await client.transactionalProducer()
    for (let round = 0; round < 6; round++) {
      producer.begin()
      client.append(producer, at, [{ value: String(round) }, { value: `${round}+` }])
      await producer.flush()
      await (round % 2 === 0 ? producer.abort() : producer.commit())
    }
    await client.until(
      'all markers',
      async () => (await client.endOffset(at, 'read_committed')) === 18,
    )
    const values = (await client.read(at, 'read_committed')).map(({ value }) => value)
    expect(values).toEqual(['1', '1+', '3', '3+', '5', '5+'])
  }),

  conforms('a transaction without records commits', async (client) => {
    const producer = await client.transactionalProducer()
    producer.begin()
    await producer.commit()
    producer.begin()
    await producer.abort()
  }),

  conforms(
    'a new owner of the transactional id fences the old one and aborts what it left open',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const transactionalId = client.name('transactional-id')
      const old = await client.transactionalProducer(transactionalId)
      old.begin()
      client.append(old, at, [{ value: 'left open' }])
      await old.flush()
      const successor = await client.transactionalProducer(transactionalId, await client.connect())
      client.append(old, at, [{ value: 'of a zombie' }])
      await expect(old.commit()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_FENCED' })
      successor.begin()
      client.append(successor, at, [{ value: 'of the successor' }])
      await successor.commit()
      await client.until('the markers', async () => {
        const [committed, uncommitted] = [
          await client.endOffset(at, 'read_committed'),
          await client.endOffset(at, 'read_uncommitted'),
        ]
        return committed === uncommitted && committed > 3
      })
      const values = (await client.read(at, 'read_committed')).map(({ value }) => value)
      expect(values).toEqual(['of the successor'])
    },
  ),

  conforms(
    'a transaction left open is aborted by its time-out',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const producer = await client.transactionalProducer(
        client.name('transactional-id'),
        client.cluster,
        {
          transactionTimeoutMs: 1_000,
        },
      )
      producer.begin()
      client.append(producer, at, [{ value: 'forgotten' }])
      await producer.flush()
      expect(await client.endOffset(at, 'read_committed')).toBe(0)
      await client.until(
        'the abort marker',
        async () => (await client.endOffset(at, 'read_committed')) === 2,
      )
      expect(await client.read(at, 'read_committed')).toEqual([])
    },
    'transactionTimeout',
  ),
]
