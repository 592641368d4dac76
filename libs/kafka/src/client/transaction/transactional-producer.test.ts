import { describe, expect, test } from 'vitest'
import { kafkaError } from '../../wire/error-codes.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { rejection } from '../testing/rejection.ts'
import { connectionLost } from '../testing/scripted-transport.ts'
import {
  group,
  initialized,
  inTurn,
  offsets,
  open,
  produced,
  producer,
} from '../testing/transactions.ts'

describe('a transaction', () => {
  test('is opened for its partitions in one request before the first batch, and committed', async () => {
    const { producer, append, script } = await open()
    const requests: string[] = []
    script.always(
      'addPartitionsToTxn',
      (_, { transactionalId, producerId, producerEpoch, partitions }) => {
        requests.push(
          `add ${transactionalId} ${producerId}/${producerEpoch} ${partitions.map((p) => p.partition).join()}`,
        )
        return partitions.map((each) => ({ ...each, errorCode: 0 }))
      },
    )
    script.always('produce', (nodeId, request) => {
      const { transactionalId, batches } = request
      const headers = batches.map(
        ({ batch }) => parseRecordBatches(batch, 0, batch.length, { verifyCrc: true })[0]!,
      )
      expect(
        headers.every(({ isTransactional, producerId }) => isTransactional && producerId === 7),
      ).toBe(true)
      requests.push(
        `produce ${transactionalId} at ${nodeId} ${batches.map((b) => b.partition).join()}`,
      )
      return produced(request)
    })
    script.always('endTxn', (_, { isCommit }) => {
      requests.push(`end ${isCommit}`)
      return { errorCode: 0 }
    })
    for (const partition of [0, 1, 2]) append(partition)
    expect(await producer.flush()).toHaveLength(3)
    await producer.commit()
    expect(requests).toEqual([
      'add tx 7/0 0,1,2',
      'produce tx at 1 0,1',
      'produce tx at 2 2',
      'end true',
    ])

    producer.begin()
    append(1)
    await producer.commit()
    expect(requests.slice(4)).toEqual(['add tx 7/0 1', 'produce tx at 1 1', 'end true'])
  })

  test('that wrote nothing is committed and aborted without EndTxn', async () => {
    const { producer, script } = await open()
    await producer.commit()
    producer.begin()
    await producer.abort()
    expect(script.count('endTxn')).toBe(0)
  })

  test('takes along, with a full batch, every partition written in the same turn', async () => {
    const { producer, append, script } = await open({ batchMaxBytes: 120 })
    append(0, 'x'.repeat(200))
    append(1)
    append(2)
    await producer.flush()
    expect(script.count('addPartitionsToTxn')).toBe(1)
  })

  test('carries offsets with member id, generation and instance id to the group coordinator', async () => {
    const { producer, script } = await open()
    let sent: unknown
    script.always('findCoordinator', (kind) => ({ errorCode: 0, nodeId: kind === 'group' ? 2 : 1 }))
    script.always('txnOffsetCommit', (nodeId, request) => {
      sent = { nodeId, ...request }
      return request.offsets.map((each) => ({ ...each, errorCode: 0 }))
    })
    await producer.sendOffsets(offsets, group)
    expect(sent).toEqual({
      nodeId: 2,
      transactionalId: 'tx',
      producerId: 7,
      producerEpoch: 0,
      ...group,
      offsets,
    })
    await producer.commit()
    expect(script.count('endTxn')).toBe(1)
    expect(script.count('findCoordinator')).toBe(2)
  })

  test('refuses calls out of turn', async () => {
    const { producer: fresh } = await producer()
    expect(() => fresh.begin()).toThrow(/begin .* uninitialized/)
    const { producer: ready, append } = await initialized()
    expect(() => append(0)).toThrow(/append .* ready/)
    await expect(ready.commit()).rejects.toThrow(/commit .* ready/)
    ready.begin()
    expect(() => ready.begin()).toThrow(/begin .* open/)
    await expect(ready.init()).rejects.toThrow(/init .* open/)
  })
})

describe('waiting for the transaction before', () => {
  test('repeats after 10, then 20 milliseconds', async () => {
    const { producer, append, script, clock } = await open()
    const code = inTurn(Array(3).fill(kafkaError.CONCURRENT_TRANSACTIONS))
    const atMs: number[] = []
    script.always('addPartitionsToTxn', (_, { partitions }) => {
      atMs.push(clock.monotonicMs())
      const errorCode = code()
      return partitions.map((each) => ({ ...each, errorCode }))
    })
    append(0)
    const flushed = producer.flush()
    await clock.advance(100)
    await flushed
    expect(atMs).toEqual([0, 10, 30, 50])
  })

  test('a moved coordinator is looked up again', async () => {
    const { producer, script, clock } = await open()
    const code = inTurn([kafkaError.NOT_COORDINATOR])
    const nodes: number[] = []
    script.always('addOffsetsToTxn', (nodeId) => {
      nodes.push(nodeId)
      script.always('findCoordinator', () => ({ errorCode: 0, nodeId: 2 }))
      return { errorCode: code() }
    })
    const sent = producer.sendOffsets(offsets, group)
    await clock.advance(100)
    await sent
    expect(nodes).toEqual([1, 2])
  })
})

describe('init', () => {
  test('fences whoever had the id', async () => {
    const { producer: fresh, script } = await producer()
    let shown: unknown
    script.always('initProducerId', (_, request) => {
      shown = request
      return { errorCode: 0, producerId: 7, producerEpoch: 4 }
    })
    await fresh.init()
    expect(shown).toEqual({
      transactionalId: 'tx',
      transactionTimeoutMs: 10_000,
      producerId: -1,
      producerEpoch: -1,
    })
  })

  test('waits while the coordinator ends what an earlier owner left open', async () => {
    const { producer: fresh, script, clock } = await producer()
    const code = inTurn([
      kafkaError.CONCURRENT_TRANSACTIONS,
      kafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    ])
    script.always('initProducerId', () => ({ errorCode: code(), producerId: 7, producerEpoch: 0 }))
    const done = fresh.init()
    await clock.advance(200)
    await done
    expect(script.count('initProducerId')).toBe(3)
  })

  test('without the right to the transactional id ends the producer', async () => {
    const { producer: fresh, script } = await producer()
    script.always('initProducerId', () => ({
      errorCode: kafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
      producerId: -1,
      producerEpoch: -1,
    }))
    const error = await rejection(fresh.init())
    expect(error.code).toBe('MILLRACE_KAFKA_AUTHORIZATION')
    await expect(fresh.init()).rejects.toBe(error)
  })

  test('that does not get through can be repeated', async () => {
    const { producer: fresh, script, clock } = await producer({ deliveryTimeoutMs: 1_000 })
    const answer = () => ({ errorCode: 0, producerId: 7, producerEpoch: 0 })
    script.always('initProducerId', () => {
      throw connectionLost()
    })
    const failed = rejection(fresh.init())
    await clock.advance(2_000)
    expect(await failed).toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })
    script.always('initProducerId', answer)
    await fresh.init()
    fresh.begin()
  })
})
