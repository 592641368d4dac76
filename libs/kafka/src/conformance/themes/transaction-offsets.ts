import { offsetsAt } from '../test-client.ts'
import { conforms, type Theme } from '../theme.ts'

export const transactionOffsets: Theme = [
  conforms(
    'offsets sent with a transaction are committed with it, and not by an abort',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const groupId = client.name('group')
      const member = client.member({ groupId, topics: [at.topic] })
      await member.owns(1)
      const producer = await client.transactionalProducer()
      producer.begin()
      await producer.sendOffsets(offsetsAt(at, 3), member.member.metadata())
      await producer.commit()
      expect(await client.committed(groupId, at)).toBe(3)
      producer.begin()
      await producer.sendOffsets(offsetsAt(at, 9), member.member.metadata())
      await producer.abort()
      expect(await client.committed(groupId, at)).toBe(3)
    },
  ),

  conforms(
    'a stable read waits while an offset is part of an open transaction',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const groupId = client.name('group')
      const member = client.member({ groupId, topics: [at.topic] })
      await member.owns(1)
      await member.member.commit(offsetsAt(at, 1))
      const producer = await client.transactionalProducer()
      producer.begin()
      await producer.sendOffsets(offsetsAt(at, 5), member.member.metadata())
      expect(await client.committed(groupId, at, false)).toBe(1)
      const reader = await client.connect()
      const stable = reader.committedOffsets(groupId, [at], { requireStable: true })
      expect(await client.isPendingFor(500, stable)).toBe(true)
      await producer.commit()
      expect(await stable).toEqual(offsetsAt(at, 5))
    },
  ),

  conforms(
    'offsets of a generation that is over end the transaction and are not committed',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const groupId = client.name('group')
      const member = client.member({ groupId, topics: [at.topic] })
      await member.owns(1)
      const stale = member.member.metadata()
      member.member.rejoin()
      await client.until(
        'the next generation',
        () => member.member.metadata().generation > stale.generation,
      )
      await member.called('assigned nothing')
      const producer = await client.transactionalProducer()
      producer.begin()
      client.append(producer, at, [{ value: 'of a zombie' }])
      await expect(producer.sendOffsets(offsetsAt(at, 7), stale)).rejects.toMatchObject({
        code: 'MILLRACE_KAFKA_ABORTABLE',
      })
      await producer.abort()
      expect(await client.committed(groupId, at)).toBe(null)
      expect(await client.read(at, 'read_committed')).toEqual([])
      // The producer goes on with the present generation.
      producer.begin()
      await producer.sendOffsets(offsetsAt(at, 8), member.member.metadata())
      await producer.commit()
      expect(await client.committed(groupId, at)).toBe(8)
    },
  ),

  conforms('a member that is gone cannot send offsets', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    const groupId = client.name('group')
    const member = client.member({ groupId, topics: [at.topic] })
    await member.owns(1)
    const gone = member.member.metadata()
    await member.leave()
    const producer = await client.transactionalProducer()
    producer.begin()
    await expect(producer.sendOffsets(offsetsAt(at, 7), gone)).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_ABORTABLE',
    })
    await producer.abort()
    expect(await client.committed(groupId, at)).toBe(null)
  }),
]
