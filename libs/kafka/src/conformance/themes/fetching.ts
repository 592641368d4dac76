import { recordsOf } from '../partition-reader.ts'
import { conforms, type Theme } from '../theme.ts'

const letters = ['a', 'b', 'c', 'd', 'e'].map((value) => ({ value }))

export const fetching: Theme = [
  conforms(
    'reading begins at the given offset, in the middle of a batch as well',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      await client.write(at, letters)
      const read = await client.read(at, 'read_committed', 3)
      expect(read.map(({ offset, value }) => [offset, value])).toEqual([
        [3, 'd'],
        [4, 'e'],
      ])
    },
  ),

  conforms(
    'the end of a partition is told without records, and moves with what is written',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      const reader = client.reader(at, 'read_committed')
      let end = -1
      await client.until('an answer at the end', async () => {
        for (const answer of await reader.poll()) end = answer.highWatermark
        return end === 0
      })
      await client.write(at, letters)
      await reader.readTo(5)
      expect(reader.values).toEqual(['a', 'b', 'c', 'd', 'e'])
    },
  ),

  conforms(
    'an offset outside the log is an error that names it, and nothing is reset',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      await client.write(at, letters)
      const reader = client.reader(at, 'read_committed', 99)
      let error: unknown = null
      await client.until('the error', async () => {
        await reader.poll().catch((reason: unknown) => (error = reason))
        return error !== null
      })
      expect(error).toMatchObject({
        code: 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE',
        at: { topic: at.topic, partition: 0, offset: 99 },
      })
      reader.seek(0)
      await reader.readTo(5)
      expect(reader.records).toHaveLength(5)
    },
  ),

  conforms(
    'a paused partition brings nothing until it is resumed, others go on',
    async (client, expect) => {
      const topic = await client.topic(2)
      const paused = { topic, partition: 0, offset: 0 }
      const other = { topic, partition: 1, offset: 0 }
      const fetcher = client.fetcher({ isolation: 'read_committed' })
      fetcher.assign([paused, other])
      fetcher.pause([paused])
      await client.write(paused, letters)
      await client.write(other, letters)
      const seen: number[] = []
      const hasSeen = async (count: number): Promise<boolean> => {
        const read = (await fetcher.poll(200)).flatMap(recordsOf)
        seen.push(...read.map(({ partition }) => partition))
        return seen.length >= count
      }
      await client.until('the other partition', () => hasSeen(5))
      expect(seen).toEqual([1, 1, 1, 1, 1])
      fetcher.resume([paused])
      await client.until('the resumed partition', () => hasSeen(10))
      expect(seen.slice(5)).toEqual([0, 0, 0, 0, 0])
    },
  ),

  conforms(
    'after a move nothing comes that was fetched for the old position',
    async (client, expect) => {
      const at = { topic: await client.topic(1), partition: 0 }
      await client.write(at, letters)
      const reader = client.reader(at, 'read_committed')
      // Fetched ahead and not yet polled, perhaps.
      await client.pause(300)
      reader.seek(4)
      await reader.readTo(5)
      expect(reader.values).toEqual(['e'])
      reader.seek(1)
      await reader.readTo(5)
      expect(reader.values).toEqual(['e', 'b', 'c', 'd', 'e'])
    },
  ),

  conforms('a partition taken away brings nothing more', async (client, expect) => {
    const at = { topic: await client.topic(1), partition: 0 }
    await client.write(at, letters)
    const reader = client.reader(at, 'read_committed')
    await client.pause(300)
    reader.fetcher.remove([at])
    expect(await reader.poll()).toEqual([])
  }),

  conforms(
    'many partitions and more data than one fetch carries are read in full',
    async (client, expect) => {
      const topic = await client.topic(6)
      const value = 'x'.repeat(1_000)
      const producer = client.producer({ batchMaxBytes: 20_000 })
      const partitions = Array.from({ length: 6 }, (_, partition) => ({ topic, partition }))
      for (const at of partitions)
        client.append(
          producer,
          at,
          Array.from({ length: 300 }, () => ({ value })),
        )
      await producer.flush()
      const fetcher = client.fetcher({
        isolation: 'read_committed',
        partitionMaxBytes: 32_000,
        bufferMaxBytes: 100_000,
      })
      fetcher.assign(partitions.map((at) => ({ ...at, offset: 0 })))
      const next = partitions.map(() => 0)
      await client.until('all six read', async () => {
        for (const record of (await fetcher.poll(200)).flatMap(recordsOf)) {
          expect(record.offset).toBe(next[record.partition])
          next[record.partition]!++
        }
        return next.every((offset) => offset === 300)
      })
    },
  ),

  conforms(
    'gaps that the cleaner leaves are passed over to the end of the log',
    async (client, expect) => {
      const topic = await client.topic(1, {
        'cleanup.policy': 'compact',
        'min.cleanable.dirty.ratio': '0.001',
        'segment.ms': '100',
        'max.compaction.lag.ms': '200',
      })
      const at = { topic, partition: 0 }
      for (let i = 0; i < 20; i++)
        await client.write(at, [{ key: `key ${i % 2}`, value: String(i) }])
      let read: readonly { readonly offset: number; readonly value: string | null }[] = []
      await client.until('the cleaner', async () => {
        // The segment in use is never cleaned: a later record closes it.
        await client.write(at, [{ key: 'later', value: 'later' }])
        client.clean(topic)
        read = await client.read(at, 'read_committed')
        return read[0]?.offset !== undefined && read[0].offset >= 18
      })
      expect(read.slice(0, 2).map(({ value }) => value)).toEqual(['18', '19'])
    },
    'compaction',
  ),
]
