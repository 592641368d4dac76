import { noHeaders } from '@millrace/record'
import { expect } from 'vitest'
import type { InitProducerIdAnswer, Transport } from '../ports/transport.ts'
import { readTransactionMarker } from '../wire/control-batch.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { parseRecordBatches } from '../wire/record-batch-reader.ts'
import { RecordBatchWriter } from '../wire/record-batch-writer.ts'
import {
  brokerTest,
  coordinatorOf,
  eventually,
  newTopic,
  settled,
  uniqueName,
} from './testing/real-broker.ts'

async function startProducer(
  transport: Transport,
  transactionalId: string,
  previous?: InitProducerIdAnswer,
) {
  const nodeId = await coordinatorOf(transport, 'transaction', transactionalId)
  const { producerId = -1, producerEpoch = -1 } = previous ?? {}
  const request = { transactionalId, transactionTimeoutMs: 10_000, producerId, producerEpoch }
  const answer = await settled(() => transport.initProducerId(nodeId, request))
  return {
    nodeId,
    identity: {
      transactionalId,
      producerId: answer.producerId,
      producerEpoch: answer.producerEpoch,
    },
    answer,
  }
}

type Started = Awaited<ReturnType<typeof startProducer>>

async function writeInTransaction(
  transport: Transport,
  { nodeId, identity }: Started,
  topic: string,
  leaderId: number,
  baseSequence: number,
) {
  const partitions = [{ topic, partition: 0 }]
  const [added] = await eventually('the last transaction has ended', async () => {
    const answer = await transport.addPartitionsToTxn(nodeId, { ...identity, partitions })
    return answer[0]!.errorCode === kafkaError.CONCURRENT_TRANSACTIONS ? undefined : answer
  })
  expect(added).toEqual({ topic, partition: 0, errorCode: 0 })
  const writer = new RecordBatchWriter()
  writer.append(null, Buffer.from('v'), Date.now(), noHeaders)
  const batch = writer.finish({ ...identity, baseSequence, isTransactional: true })
  const request = { transactionalId: identity.transactionalId, timeoutMs: 10_000 }
  return (
    await transport.produce(leaderId, { ...request, batches: [{ topic, partition: 0, batch }] })
  )[0]!
}

async function fetchCommitted(
  transport: Transport,
  topic: string,
  leaderId: number,
  maxWaitMs = 500,
) {
  const answer = await transport.fetch(leaderId, {
    isolation: 'read_committed',
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1 << 20,
    partitions: [{ topic, partition: 0, offset: 0, maxBytes: 1 << 20 }],
  })
  return answer.partitions[0]!
}

brokerTest(
  'committed records become visible with their marker, aborted ones are listed',
  async (transport) => {
    const { topic, nodeId: leaderId } = await newTopic(transport)
    const producer = await startProducer(transport, uniqueName('txn'))
    expect(producer.answer).toMatchObject({ errorCode: 0, producerEpoch: 0 })

    expect(await writeInTransaction(transport, producer, topic, leaderId, 0)).toMatchObject({
      errorCode: 0,
      baseOffset: 0,
    })
    expect(await fetchCommitted(transport, topic, leaderId, 0)).toMatchObject({
      highWatermark: 1,
      lastStableOffset: 0,
    })
    expect(
      await transport.endTxn(producer.nodeId, { ...producer.identity, isCommit: true }),
    ).toEqual({ errorCode: 0 })

    await writeInTransaction(transport, producer, topic, leaderId, 1)
    await settled(() =>
      transport.endTxn(producer.nodeId, { ...producer.identity, isCommit: false }),
    )

    const fetched = await eventually('both markers are written', async () => {
      const answer = await fetchCommitted(transport, topic, leaderId)
      return answer.lastStableOffset === 4 ? answer : undefined
    })
    expect(fetched.abortedTransactions).toEqual([
      { producerId: producer.identity.producerId, firstOffset: 2 },
    ])
    const batches = parseRecordBatches(fetched.records, 0, fetched.records.length, {
      verifyCrc: true,
    })
    expect(batches.map(readTransactionMarker)).toEqual([null, 'commit', null, 'abort'])
    expect(batches.map((batch) => batch.isControl)).toEqual([false, true, false, true])
  },
)

brokerTest(
  'input offsets commit with the transaction, and unstable ones are told',
  async (transport) => {
    const { topic, nodeId: leaderId } = await newTopic(transport)
    const producer = await startProducer(transport, uniqueName('txn'))
    const groupId = uniqueName('group')
    const group = await coordinatorOf(transport, 'group', groupId)
    await writeInTransaction(transport, producer, topic, leaderId, 0)
    expect(
      await transport.addOffsetsToTxn(producer.nodeId, { ...producer.identity, groupId }),
    ).toEqual({ errorCode: 0 })
    const member = { groupId, generation: -1, memberId: '', groupInstanceId: null }
    const offsets = [{ topic, partition: 0, offset: 17 }]
    const committed = await settled(async () => {
      const [answer] = await transport.txnOffsetCommit(group, {
        ...producer.identity,
        ...member,
        offsets,
      })
      return answer!
    })
    expect(committed).toEqual({ topic, partition: 0, errorCode: 0 })

    const partitions = [{ topic, partition: 0 }]
    const offsetFetch = (requireStable: boolean) =>
      transport.offsetFetch(group, { groupId, requireStable, partitions })
    expect((await offsetFetch(true)).partitions[0]).toMatchObject({
      errorCode: kafkaError.UNSTABLE_OFFSET_COMMIT,
    })
    expect((await offsetFetch(false)).partitions[0]).toMatchObject({ errorCode: 0, offset: -1 })
    await transport.endTxn(producer.nodeId, { ...producer.identity, isCommit: true })
    const stable = await eventually('the offset is stable', async () => {
      const answer = await offsetFetch(true)
      return answer.partitions[0]!.errorCode === 0 ? answer : undefined
    })
    expect(stable).toEqual({
      errorCode: 0,
      partitions: [{ topic, partition: 0, errorCode: 0, offset: 17 }],
    })
  },
)

brokerTest(
  'an offset commit of a member that the group does not know is refused',
  async (transport) => {
    const { topic, nodeId: leaderId } = await newTopic(transport)
    const producer = await startProducer(transport, uniqueName('txn'))
    const groupId = uniqueName('group')
    const group = await coordinatorOf(transport, 'group', groupId)
    await writeInTransaction(transport, producer, topic, leaderId, 0)
    await transport.addOffsetsToTxn(producer.nodeId, { ...producer.identity, groupId })
    const member = { groupId, generation: 3, memberId: 'stranger', groupInstanceId: null }
    const offsets = [{ topic, partition: 0, offset: 17 }]
    const refused = await settled(async () => {
      const [answer] = await transport.txnOffsetCommit(group, {
        ...producer.identity,
        ...member,
        offsets,
      })
      return answer!
    })
    expect([kafkaError.UNKNOWN_MEMBER_ID, kafkaError.ILLEGAL_GENERATION]).toContain(
      refused.errorCode,
    )
  },
)

brokerTest('a second owner of a transactional id fences the first', async (transport) => {
  const { topic, nodeId: leaderId } = await newTopic(transport)
  const transactionalId = uniqueName('txn')
  const first = await startProducer(transport, transactionalId)
  await writeInTransaction(transport, first, topic, leaderId, 0)
  const second = await startProducer(transport, transactionalId)
  expect(second.identity.producerEpoch).toBeGreaterThan(first.identity.producerEpoch)
  const { errorCode } = await transport.endTxn(first.nodeId, { ...first.identity, isCommit: true })
  expect([kafkaError.INVALID_PRODUCER_EPOCH, kafkaError.PRODUCER_FENCED]).toContain(errorCode)
})

brokerTest('a producer bumps its own epoch', async (transport) => {
  const transactionalId = uniqueName('txn')
  const first = await startProducer(transport, transactionalId)
  const bumped = await startProducer(transport, transactionalId, first.answer)
  expect(bumped.identity).toEqual({
    ...first.identity,
    producerEpoch: first.identity.producerEpoch + 1,
  })
})

brokerTest("an idempotent producer's repeated batch is not appended twice", async (transport) => {
  const { topic, nodeId } = await newTopic(transport)
  const request = {
    transactionalId: null,
    transactionTimeoutMs: 10_000,
    producerId: -1,
    producerEpoch: -1,
  }
  const { producerId, producerEpoch } = await settled(() =>
    transport.initProducerId(nodeId, request),
  )
  const writer = new RecordBatchWriter()
  writer.append(null, Buffer.from('v'), Date.now(), noHeaders)
  const batch = writer.finish({
    producerId,
    producerEpoch,
    baseSequence: 0,
    isTransactional: false,
  })
  const batches = [{ topic, partition: 0, batch }]
  for (let i = 0; i < 2; i++) {
    const [produced] = await transport.produce(nodeId, {
      transactionalId: null,
      timeoutMs: 10_000,
      batches,
    })
    expect(produced).toMatchObject({ errorCode: 0, baseOffset: 0 })
  }
})
