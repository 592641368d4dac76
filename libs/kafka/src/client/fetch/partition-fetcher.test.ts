import { describe, expect, test } from 'vitest'
import { answered, fetching, positions, records, requestOf } from '../testing/fetching.ts'
import { dataBatch, marker, partitionAnswer } from '../testing/log.ts'
import { settle } from '../testing/scripted-transport.ts'

describe('fetching', () => {
  test('the next fetch goes out before the answer is polled, from where the last batch ends', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 5 }])
    const first = await next()
    expect(positions(first)).toEqual(['t[0]@5'])
    first.answer(answered(partitionAnswer('t', 0, { records: records(5, 'a', 'b') })))
    const second = await next()
    expect(positions(second)).toEqual(['t[0]@7'])
    const [fetched] = await fetcher.poll(0)
    expect(fetched).toMatchObject({
      topic: 't',
      partition: 0,
      offset: 5,
      nextOffset: 7,
      highWatermark: 100,
    })
    expect(fetched!.batches.map((batch) => batch.baseOffset)).toEqual([5])
  })

  test('each leader has its own loop, with one fetch under way', async () => {
    const { fetcher, next, script } = await fetching({ t: [1, 2, 1] })
    fetcher.assign([0, 1, 2].map((partition) => ({ topic: 't', partition, offset: 0 })))
    const calls = [await next(), await next()]
    await settle()
    expect(script.waiting('fetch')).toBe(0)
    expect(calls.map((call) => [call.args[0], positions(call)])).toEqual([
      [1, ['t[0]@0', 't[2]@0']],
      [2, ['t[1]@0']],
    ])
  })

  test('a poll wakes when data arrives, and resolves at once while some is buffered', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const poll = fetcher.poll(1_000)
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: records(0, 'a') })))
    expect(await poll).toHaveLength(1)
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: records(1, 'b') })))
    await settle()
    expect(await fetcher.poll(1_000)).toHaveLength(1)
  })

  test('a poll without data resolves to nothing when its time is up, and leaves no timer', async () => {
    const { fetcher, clock, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const poll = fetcher.poll(100)
    await next()
    await clock.advance(100)
    expect(await poll).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  })

  test('an answer without batches tells where the end stands', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 9 }])
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { highWatermark: 9, lastStableOffset: 8 })),
    )
    expect(await fetcher.poll(1_000)).toMatchObject([
      {
        batches: [],
        offset: 9,
        nextOffset: 9,
        highWatermark: 9,
        lastStableOffset: 8,
        sizeBytes: 0,
      },
    ])
  })

  test('empty answers in a row are kept as one', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 9 }])
    ;(await next()).answer(answered(partitionAnswer('t', 0, { highWatermark: 9 })))
    ;(await next()).answer(answered(partitionAnswer('t', 0, { highWatermark: 10 })))
    await next()
    expect(await fetcher.poll(0)).toMatchObject([{ highWatermark: 10 }])
    expect(await fetcher.poll(0)).toEqual([])
  })

  test('gaps, empty batches and markers move the position by the last offset of their batch', async () => {
    const { fetcher, next } = await fetching({ t: [1] }, { isolation: 'read_committed' })
    fetcher.assign([{ topic: 't', partition: 0, offset: 3 }])
    const log = [
      dataBatch({ baseOffset: 3, values: ['a'], lastOffset: 9 }),
      dataBatch({ baseOffset: 20, values: [], lastOffset: 24 }),
      marker('commit', 7, 30),
    ]
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: Buffer.concat(log) })))
    expect(positions(await next())).toEqual(['t[0]@31'])
    const [fetched] = await fetcher.poll(0)
    expect(fetched!.nextOffset).toBe(31)
    expect(fetched!.batches.map(({ baseOffset }) => baseOffset)).toEqual([3])
  })

  test('a batch cut short at the end is fetched again from its start', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const cut = records(2, 'cut').subarray(0, 70)
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { records: Buffer.concat([records(0, 'a', 'b'), cut]) })),
    )
    expect(positions(await next())).toEqual(['t[0]@2'])
  })

  test('records of an aborted transaction are left out only when reading committed', async () => {
    for (const isolation of ['read_committed', 'read_uncommitted'] as const) {
      const { fetcher, next } = await fetching({ t: [1] }, { isolation })
      fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
      const call = await next()
      expect(requestOf(call).isolation).toBe(isolation)
      const aborted = dataBatch({
        baseOffset: 0,
        values: ['a'],
        producerId: 7,
        isTransactional: true,
      })
      const log = Buffer.concat([aborted, marker('abort', 7, 1)])
      const abortedTransactions = [{ producerId: 7, firstOffset: 0 }]
      call.answer(answered(partitionAnswer('t', 0, { records: log, abortedTransactions })))
      const [fetched] = await fetcher.poll(1_000)
      expect(fetched!.batches).toHaveLength(isolation === 'read_committed' ? 0 : 1)
      expect(fetched!.nextOffset).toBe(2)
    }
  })

  test('a batch with a wrong checksum is thrown from poll and never delivered', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const corrupt = records(0, 'abc')
    corrupt[corrupt.length - 2]! ^= 1
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: corrupt })))
    await expect(fetcher.poll(1_000)).rejects.toMatchObject({
      code: 'MILLRACE_KAFKA_CORRUPT_BATCH',
    })
  })

  test('partitions that had data go behind the others, so that a large batch comes first some time', async () => {
    const { fetcher, next } = await fetching({ t: [1, 1] })
    fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })))
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { records: records(0, 'a') }), partitionAnswer('t', 1)),
    )
    expect(positions(await next())).toEqual(['t[1]@0', 't[0]@1'])
  })
})

describe('a fetch under way', () => {
  test('its answer is dropped for a partition that was moved, and kept for the others', async () => {
    const { fetcher, next } = await fetching({ t: [1, 1] })
    fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })))
    const stale = await next()
    fetcher.add([{ topic: 't', partition: 0, offset: 50 }])
    stale.answer(
      answered(
        partitionAnswer('t', 0, { records: records(0, 'stale') }),
        partitionAnswer('t', 1, { records: records(0, 'kept') }),
      ),
    )
    expect(positions(await next())).toEqual(['t[0]@50', 't[1]@1'])
    expect(await fetcher.poll(0)).toMatchObject([{ partition: 1, offset: 0 }])
  })

  test('its answer is dropped where the partition was taken away and given back at the same offset', async () => {
    const { fetcher, next } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const stale = await next()
    fetcher.remove([{ topic: 't', partition: 0 }])
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    stale.answer(answered(partitionAnswer('t', 0, { records: records(0, 'a') })))
    expect(positions(await next())).toEqual(['t[0]@0'])
    expect(await fetcher.poll(0)).toEqual([])
  })

  test('is not repeated at the old leader once metadata names a new one', async () => {
    const { fetcher, next, leaders, connection } = await fetching({ t: [1] })
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    const old = await next()
    leaders.t = [2]
    await connection.metadata.refresh(['t'])
    const fresh = await next()
    expect(fresh.args[0]).toBe(2)
    old.answer(answered(partitionAnswer('t', 0, { records: records(0, 'late') })))
    await settle()
    expect(await fetcher.poll(0)).toEqual([])
    fresh.answer(answered(partitionAnswer('t', 0, { records: records(0, 'fresh') })))
    expect(await fetcher.poll(1_000)).toHaveLength(1)
  })
})

describe('pausing', () => {
  test('leaves the partition out of the next fetch and keeps what is buffered', async () => {
    const { fetcher, next } = await fetching({ t: [1, 1] })
    fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })))
    const first = await next()
    fetcher.pause([{ topic: 't', partition: 0 }])
    first.answer(
      answered(partitionAnswer('t', 0, { records: records(0, 'a') }), partitionAnswer('t', 1)),
    )
    const second = await next()
    expect(positions(second)).toEqual(['t[1]@0'])
    expect(requestOf(second).maxWaitMs).toBe(50)
    expect(await fetcher.poll(0)).toMatchObject([{ partition: 1 }])
    const poll = fetcher.poll(1_000)
    fetcher.resume([{ topic: 't', partition: 0 }])
    expect(await poll).toMatchObject([{ partition: 0, offset: 0, nextOffset: 1 }])
  })
})

describe('the bound in bytes', () => {
  const big = (baseOffset: number) => records(baseOffset, 'x'.repeat(900))

  test('a leader is not asked while a partition holds its share, and asked again by the poll that makes room', async () => {
    const { fetcher, next, script } = await fetching(
      { t: [1] },
      { partitionMaxBytes: 1_000, bufferMaxBytes: 2_000 },
    )
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: big(0) })))
    ;(await next()).answer(answered(partitionAnswer('t', 0, { records: big(1) })))
    await settle()
    expect(script.waiting('fetch')).toBe(0)
    await fetcher.poll(0)
    expect(positions(await next())).toEqual(['t[0]@2'])
  })

  test('fetches of all leaders together ask for no more than the buffer takes', async () => {
    const { fetcher, next } = await fetching(
      { t: [1, 2] },
      { partitionMaxBytes: 1_000, bufferMaxBytes: 1_200 },
    )
    fetcher.assign([0, 1].map((partition) => ({ topic: 't', partition, offset: 0 })))
    const calls = [await next(), await next()]
    expect(calls.map((call) => requestOf(call).maxBytes)).toEqual([600, 600])
  })

  test('paused partitions that fill the buffer do not stop the others', async () => {
    const { fetcher, next, script } = await fetching(
      { t: [1, 1] },
      { partitionMaxBytes: 1_000, bufferMaxBytes: 1_000 },
    )
    fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
    ;(await next()).answer(
      answered(partitionAnswer('t', 0, { records: records(0, 'x'.repeat(1_000)) })),
    )
    await settle()
    fetcher.pause([{ topic: 't', partition: 0 }])
    fetcher.add([{ topic: 't', partition: 1, offset: 0 }])
    const beyond = await next()
    expect(positions(beyond)).toEqual(['t[1]@0'])
    expect(requestOf(beyond).maxBytes).toBe(1)
    beyond.answer(answered(partitionAnswer('t', 1, { records: big(0) })))
    await settle()
    expect(script.waiting('fetch')).toBe(0)
    expect(await fetcher.poll(0)).toMatchObject([{ partition: 1 }])
  })
})
