import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { rejection } from '../testing/rejection.ts'
import { connectionLost, settle } from '../testing/scripted-transport.ts'
import { inTurn, open, produced } from '../testing/transactions.ts'

describe('a commit', () => {
  test('whose answer is lost is asked again until it is decided', async () => {
    const { producer, append, script, clock } = await open()
    const code = inTurn([
      connectionLost(),
      kafkaError.CONCURRENT_TRANSACTIONS,
      kafkaError.NOT_COORDINATOR,
    ])
    script.always('endTxn', () => ({ errorCode: code() }))
    append(0)
    const committed = producer.commit()
    await clock.advance(1_000)
    await committed
    expect(script.count('endTxn')).toBe(4)
    producer.begin()
  })

  test('whose answer never comes is undecided: only init leads on, with the identity it had', async () => {
    const { producer, append, script, clock } = await open({ deliveryTimeoutMs: 5_000 })
    append(0)
    await producer.flush()
    script.always('endTxn', () => {
      throw connectionLost()
    })
    const committed = rejection(producer.commit())
    await clock.advance(6_000)
    expect(await committed).toMatchObject({
      code: 'MILLRACE_KAFKA_COMMIT_UNDECIDED',
      cause: { code: 'MILLRACE_KAFKA_RETRIABLE' },
    })
    expect(() => producer.begin()).toThrow(/undecided/)
    await expect(producer.abort()).rejects.toThrow(/undecided/)

    let shown: unknown
    script.always('initProducerId', (_, request) => {
      shown = request
      return { errorCode: 0, producerId: 7, producerEpoch: 1 }
    })
    await producer.init()
    expect(shown).toMatchObject({ producerId: 7, producerEpoch: 0 })
    producer.begin()
  })

  test('of a fenced producer ends it', async () => {
    for (const code of [kafkaError.INVALID_PRODUCER_EPOCH, kafkaError.PRODUCER_FENCED]) {
      const { producer, append, script } = await open()
      append(0)
      script.always('endTxn', () => ({ errorCode: code }))
      const error = await rejection(producer.commit())
      expect(error).toMatchObject({ code: 'MILLRACE_KAFKA_FENCED', recovery: 'rejoin' })
      for (const call of [() => producer.abort(), () => producer.init(), () => producer.commit()]) {
        await expect(call()).rejects.toBe(error)
      }
      expect(() => producer.begin()).toThrow(error)
    }
  })
})

describe('an abort', () => {
  test('drops what is not written, ends the transaction, raises the epoch and begins sequences anew', async () => {
    const { producer, append, script } = await open()
    append(0)
    await producer.flush()
    append(0, 'dropped')
    const ends: boolean[] = []
    script.always('endTxn', (_, { isCommit }) => {
      ends.push(isCommit)
      return { errorCode: 0 }
    })
    await producer.abort()
    expect(ends).toEqual([false])
    expect(producer.bufferedBytes()).toBe(0)

    const batches: object[] = []
    script.always('produce', (_, request) => {
      for (const { batch } of request.batches)
        batches.push(parseRecordBatches(batch, 0, batch.length, { verifyCrc: true })[0]!)
      return produced(request)
    })
    producer.begin()
    append(0, 'kept')
    await producer.commit()
    expect(batches).toMatchObject([{ producerEpoch: 1, baseSequence: 0, recordCount: 1 }])
  })

  test('waits for the produce requests under way before it ends the transaction', async () => {
    const { producer, append, script } = await open({ batchMaxBytes: 120 })
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    script.always('produce', (async () => {
      await held
      throw connectionLost()
    }) as never)
    append(0, 'x'.repeat(200))
    await settle()
    expect(script.count('produce')).toBe(1)
    const aborted = producer.abort()
    await settle()
    expect(script.count('endTxn')).toBe(0)
    release()
    await aborted
    expect(script.count('endTxn')).toBe(1)
    expect(script.count('produce')).toBe(1)
  })

  test('is possible after a refused record, which the flush names; the transaction before is not committed', async () => {
    const { producer, append, script } = await open()
    script.always('produce', (_, request) =>
      produced(request, (partition) => (partition === 1 ? kafkaError.INVALID_TIMESTAMP : 0)),
    )
    append(0)
    append(1)
    const error = await rejection(producer.flush())
    expect(error.code).toBe('MILLRACE_KAFKA_RECORD_REFUSED')
    expect(() => append(0)).toThrow(error)
    await expect(producer.commit()).rejects.toBe(error)
    await producer.abort()
    producer.begin()
  })

  test('is possible where the coordinator never heard of the transaction', async () => {
    const { producer, append, script, clock } = await open({ deliveryTimeoutMs: 1_000 })
    script.always('addPartitionsToTxn', () => {
      throw connectionLost()
    })
    append(0)
    const flushed = rejection(producer.flush())
    await clock.advance(2_000)
    expect(await flushed).toMatchObject({
      code: expect.stringMatching(/RETRIABLE|DELIVERY_TIMEOUT/),
    })
    script.always('endTxn', () => ({ errorCode: kafkaError.INVALID_TXN_STATE }))
    await producer.abort()
    producer.begin()
  })

  test('leads on where the coordinator forgot an id that was not used for days', async () => {
    const { producer, append, script } = await open()
    const forgotten = kafkaError.INVALID_PRODUCER_ID_MAPPING
    script.always('addPartitionsToTxn', (_, { partitions }) =>
      partitions.map((each) => ({ ...each, errorCode: forgotten })),
    )
    append(0)
    await expect(producer.flush()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_ABORTABLE' })
    script.always('endTxn', () => ({ errorCode: forgotten }))
    await producer.abort()
    producer.begin()
  })

  test('that finds a committed or foreign transaction fails for good', async () => {
    const { producer, append, script } = await open()
    append(0)
    await producer.flush()
    script.always('endTxn', () => ({ errorCode: kafkaError.INVALID_TXN_STATE }))
    await expect(producer.abort()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_FATAL' })
    expect(() => producer.begin()).toThrow(/INVALID_TXN_STATE/)
  })

  test('that does not get through can be repeated', async () => {
    const { producer, append, script, clock } = await open({ deliveryTimeoutMs: 1_000 })
    append(0)
    await producer.flush()
    script.always('endTxn', () => {
      throw connectionLost()
    })
    const aborted = rejection(producer.abort())
    await clock.advance(3_000)
    expect(await aborted).toMatchObject({ code: 'MILLRACE_KAFKA_ABORTABLE' })
    script.always('endTxn', () => ({ errorCode: 0 }))
    await producer.abort()
    producer.begin()
  })
})

test('closing ends a commit that is being repeated', async () => {
  const { producer, append, script, clock } = await open()
  append(0)
  script.always('endTxn', () => {
    throw connectionLost()
  })
  const committed = rejection(producer.commit())
  await clock.advance(500)
  await producer.close()
  expect(await committed).toMatchObject({ code: 'MILLRACE_KAFKA_COMMIT_UNDECIDED' })
})
