import { kafkaError, type Transport, type TxnIdentity } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import {
  batchOf,
  identity,
  initProducer,
  makeCluster,
  send,
  stableMember,
  text,
} from '../fixtures.ts'
import { producerEpochMax } from './producer-ids.ts'

const at = { topic: 't', partition: 0 }

function setUp(options: Parameters<typeof makeCluster>[0] = {}) {
  const made = makeCluster(options)
  made.cluster.createTopic('t')
  return made
}

async function write(transport: Transport, producer: TxnIdentity, value: string, sequence: number) {
  const [added] = await transport.addPartitionsToTxn(1, { ...producer, partitions: [at] })
  if (added!.errorCode !== 0) return added!
  const batch = batchOf([value], { ...producer, baseSequence: sequence, isTransactional: true })
  return send(transport, 't', batch, { transactionalId: producer.transactionalId })
}

async function init(transport: Transport, request: Partial<TxnIdentity> = {}) {
  return transport.initProducerId(1, {
    transactionalId: 'p',
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
    ...request,
  })
}

describe('producer ids', () => {
  test('an idempotent producer gets a new id each time', async () => {
    const { transport } = setUp()
    const request = { transactionTimeoutMs: 0, producerId: -1, producerEpoch: -1 }
    const ask = () => transport.initProducerId(1, { transactionalId: null, ...request })
    const [a, b] = [await ask(), await ask()]
    expect([a.errorCode, a.producerEpoch, b.producerEpoch]).toEqual([0, 0, 0])
    expect(a.producerId).not.toBe(b.producerId)
  })

  test('a transactional id keeps its producer id and raises the epoch', async () => {
    const { transport } = setUp()
    const first = await init(transport)
    const second = await init(transport)
    expect([first.producerEpoch, second.producerEpoch]).toEqual([0, 1])
    expect(second.producerId).toBe(first.producerId)
  })

  test('a producer that names its epoch gets the next one, also when it has to ask twice', async () => {
    const { transport } = setUp()
    const { producerId } = await init(transport)
    const bumped = await init(transport, { producerId, producerEpoch: 0 })
    const again = await init(transport, { producerId, producerEpoch: 0 })
    expect([bumped.producerEpoch, again.producerEpoch]).toEqual([1, 1])
  })

  test('a producer that names an epoch which another one has raised is fenced', async () => {
    const { transport } = setUp()
    const { producerId } = await init(transport)
    await init(transport)
    const zombie = await init(transport, { producerId, producerEpoch: 0 })
    expect(zombie.errorCode).toBe(kafkaError.INVALID_PRODUCER_EPOCH)
    const stranger = await init(transport, { producerId: 999, producerEpoch: 1 })
    expect(stranger.errorCode).toBe(kafkaError.INVALID_PRODUCER_EPOCH)
  })

  test('a bump asked for before another owner came is not answered again', async () => {
    const { transport } = setUp()
    const { producerId } = await init(transport)
    await init(transport, { producerId, producerEpoch: 0 })
    await write(transport, { transactionalId: 'p', producerId, producerEpoch: 1 }, 'a', 0)
    expect((await init(transport)).errorCode).toBe(kafkaError.CONCURRENT_TRANSACTIONS)
    const late = await init(transport, { producerId, producerEpoch: 0 })
    expect(late.errorCode).toBe(kafkaError.INVALID_PRODUCER_EPOCH)
  })

  test('an id whose epochs are used up is replaced', async () => {
    const { transport } = setUp()
    const first = await init(transport)
    let last = first
    while (last.producerEpoch < producerEpochMax - 1) last = await init(transport)
    const next = await init(transport)
    expect(next.producerEpoch).toBe(0)
    expect(next.producerId).not.toBe(first.producerId)
  })

  test("a time-out over the broker's most is refused", async () => {
    const { transport } = setUp()
    const request = { transactionalId: 'p', producerId: -1, producerEpoch: -1 }
    const long = await transport.initProducerId(1, { ...request, transactionTimeoutMs: 900_001 })
    expect(long.errorCode).toBe(50)
  })
})

describe('a transaction', () => {
  test('becomes visible with its marker, all of it', async () => {
    const { cluster, transport } = setUp()
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    await write(transport, producer, 'b', 1)
    expect(cluster.lastStableOffset('t', 0)).toBe(0)
    expect((await transport.endTxn(1, { ...producer, isCommit: true })).errorCode).toBe(0)
    expect(cluster.readAll('t').map(({ value }) => text(value))).toEqual(['a', 'b'])
    expect([cluster.lastStableOffset('t', 0), cluster.endOffset('t', 0)]).toEqual([3, 3])
  })

  test('leaves nothing where it is aborted', async () => {
    const { cluster, transport } = setUp()
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    await transport.endTxn(1, { ...producer, isCommit: false })
    expect(cluster.readAll('t')).toEqual([])
    expect(cluster.readAll('t', 0, 'read_uncommitted').length).toBe(1)
  })

  test('takes records only for partitions that were added, and only while it is open', async () => {
    const { transport } = setUp()
    const producer = await initProducer(transport, 'p')
    const batch = batchOf(['a'], { ...producer, baseSequence: 0, isTransactional: true })
    const put = async () => (await send(transport, 't', batch, { transactionalId: 'p' })).errorCode
    expect(await put()).toBe(kafkaError.INVALID_TXN_STATE)
    await transport.addPartitionsToTxn(1, { ...producer, partitions: [at] })
    expect(await put()).toBe(0)
    await transport.endTxn(1, { ...producer, isCommit: true })
    const late = batchOf(['b'], { ...producer, baseSequence: 1, isTransactional: true })
    const { errorCode } = await send(transport, 't', late, { transactionalId: 'p' })
    expect(errorCode).toBe(kafkaError.INVALID_TXN_STATE)
  })

  test('cannot add partitions that do not exist, nor the others named with them', async () => {
    const { transport } = setUp()
    const producer = await initProducer(transport, 'p')
    const partitions = [at, { topic: 'nope', partition: 0 }]
    const answer = await transport.addPartitionsToTxn(1, { ...producer, partitions })
    expect(answer.map(({ errorCode }) => errorCode)).toEqual([55, 3])
  })

  test('refuses records outside it from the same producer', async () => {
    const { transport } = setUp()
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    const plain = batchOf(['b'], { ...producer, baseSequence: 1 })
    expect((await send(transport, 't', plain)).errorCode).toBe(kafkaError.INVALID_TXN_STATE)
  })

  test('is ended the same way twice, and not the other way after', async () => {
    const { transport } = setUp()
    const producer = await initProducer(transport, 'p')
    const end = async (isCommit: boolean) =>
      (await transport.endTxn(1, { ...producer, isCommit })).errorCode
    expect(await end(true)).toBe(kafkaError.INVALID_TXN_STATE)
    await write(transport, producer, 'a', 0)
    expect([await end(true), await end(true)]).toEqual([0, 0])
    expect(await end(false)).toBe(kafkaError.INVALID_TXN_STATE)
    await write(transport, producer, 'b', 1)
    expect([await end(false), await end(false)]).toEqual([0, 0])
    expect(await end(true)).toBe(kafkaError.INVALID_TXN_STATE)
  })

  test('keeps the next one waiting while its markers are being written', async () => {
    const { clock, cluster, transport } = setUp({ markerDelayMs: 20 })
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    const end = async () => (await transport.endTxn(1, { ...producer, isCommit: true })).errorCode
    expect(await end()).toBe(0)
    expect(await end()).toBe(kafkaError.CONCURRENT_TRANSACTIONS)
    expect(cluster.readAll('t')).toEqual([])
    const { errorCode } = await write(transport, producer, 'b', 1)
    expect(errorCode).toBe(kafkaError.CONCURRENT_TRANSACTIONS)
    expect((await init(transport)).errorCode).toBe(kafkaError.CONCURRENT_TRANSACTIONS)
    await clock.advance(20)
    expect(cluster.readAll('t').length).toBe(1)
    expect((await write(transport, producer, 'b', 1)).errorCode).toBe(0)
  })

  test('lets records for a partition that is not in it be sent again once it is decided', async () => {
    const { cluster, transport } = setUp({ markerDelayMs: 20 })
    cluster.createTopic('u')
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    await transport.endTxn(1, { ...producer, isCommit: true })
    const batch = batchOf(['b'], { ...producer, baseSequence: 0, isTransactional: true })
    const { errorCode } = await send(transport, 'u', batch, { transactionalId: 'p' })
    expect(errorCode).toBe(kafkaError.NOT_ENOUGH_REPLICAS)
  })

  test('waits with its marker for a partition without a leader', async () => {
    const { cluster, transport } = setUp({ brokerCount: 2, replicationFactorDefault: 1 })
    cluster.createTopic('u', { partitionCount: 2 })
    cluster.moveCoordinator('transaction', 'p', { nodeId: 1 })
    const producer = await initProducer(transport, 'p')
    const partitions = [0, 1].map((partition) => ({ topic: 'u', partition }))
    await transport.addPartitionsToTxn(1, { ...producer, partitions })
    for (const partition of [0, 1]) {
      const batch = batchOf(['a'], { ...producer, baseSequence: 0, isTransactional: true })
      const options = { transactionalId: 'p', partition, nodeId: partition + 1 }
      expect((await send(transport, 'u', batch, options)).errorCode).toBe(0)
    }
    cluster.brokerDown(2)
    const end = async () => (await transport.endTxn(1, { ...producer, isCommit: true })).errorCode
    expect([await end(), await end()]).toEqual([0, kafkaError.CONCURRENT_TRANSACTIONS])
    expect([cluster.readAll('u', 0).length, cluster.readAll('u', 1).length]).toEqual([1, 0])
    cluster.brokerUp(2)
    expect(cluster.readAll('u', 1).length).toBe(1)
    expect(await end()).toBe(0)
  })
})

describe('fencing', () => {
  test("a new owner ends the old one's transaction and shuts it out everywhere", async () => {
    const { cluster, transport } = setUp()
    const zombie = await initProducer(transport, 'p')
    await write(transport, zombie, 'a', 0)
    expect((await init(transport)).errorCode).toBe(kafkaError.CONCURRENT_TRANSACTIONS)
    const owner = await init(transport)
    expect([owner.errorCode, owner.producerEpoch]).toEqual([0, 2])
    expect(cluster.readAll('t')).toEqual([])
    const fenced = kafkaError.INVALID_PRODUCER_EPOCH
    expect((await write(transport, zombie, 'b', 1)).errorCode).toBe(fenced)
    const batch = batchOf(['b'], { ...zombie, baseSequence: 1, isTransactional: true })
    const produced = await send(transport, 't', batch, { transactionalId: 'p' })
    expect(produced.errorCode).toBe(fenced)
    expect((await transport.endTxn(1, { ...zombie, isCommit: true })).errorCode).toBe(fenced)
    const added = await transport.addOffsetsToTxn(1, { ...zombie, groupId: 'g' })
    expect(added.errorCode).toBe(fenced)
  })

  test('the open transaction of a silent producer is aborted at the check after its time-out', async () => {
    const { clock, cluster, transport } = setUp()
    const producer = await initProducer(transport, 'p', 15_000)
    await write(transport, producer, 'a', 0)
    await clock.advance(19_999)
    expect(cluster.lastStableOffset('t', 0)).toBe(0)
    await clock.advance(1)
    expect(cluster.lastStableOffset('t', 0)).toBe(2)
    expect(cluster.readAll('t')).toEqual([])
    const { errorCode } = await transport.endTxn(1, { ...producer, isCommit: true })
    expect(errorCode).toBe(kafkaError.INVALID_PRODUCER_EPOCH)
  })

  test('a transaction that ends in time leaves no timer behind', async () => {
    const { clock, transport } = setUp()
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    await transport.endTxn(1, { ...producer, isCommit: true })
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('offsets in a transaction', () => {
  const offsets = [{ ...at, offset: 42 }]
  const read = { groupId: 'g', partitions: [at] }

  test("are the group's when it commits; until then a stable read waits", async () => {
    const { cluster, transport } = setUp()
    const member = await stableMember(transport)
    const producer = await initProducer(transport, 'p')
    await transport.addOffsetsToTxn(1, { ...producer, groupId: 'g' })
    const request = { ...producer, ...identity(member), offsets }
    expect((await transport.txnOffsetCommit(1, request))[0]!.errorCode).toBe(0)
    const stable = (await transport.offsetFetch(1, { ...read, requireStable: true })).partitions[0]!
    expect([stable.errorCode, stable.offset]).toEqual([kafkaError.UNSTABLE_OFFSET_COMMIT, -1])
    const any = (await transport.offsetFetch(1, { ...read, requireStable: false })).partitions[0]!
    expect([any.errorCode, any.offset]).toEqual([0, -1])
    await transport.endTxn(1, { ...producer, isCommit: true })
    const after = (await transport.offsetFetch(1, { ...read, requireStable: true })).partitions[0]!
    expect([after.errorCode, after.offset]).toEqual([0, 42])
    expect(cluster.committedOffset('g', 't', 0)).toBe(42)
  })

  test('are dropped when it aborts', async () => {
    const { transport } = setUp()
    const member = await stableMember(transport)
    const producer = await initProducer(transport, 'p')
    await transport.addOffsetsToTxn(1, { ...producer, groupId: 'g' })
    await transport.txnOffsetCommit(1, { ...producer, ...identity(member), offsets })
    await transport.endTxn(1, { ...producer, isCommit: false })
    const after = (await transport.offsetFetch(1, { ...read, requireStable: true })).partitions[0]!
    expect([after.errorCode, after.offset]).toEqual([0, -1])
  })

  test("are refused for a member, a generation or an instance that is not the group's", async () => {
    const { transport } = setUp()
    const member = await stableMember(transport)
    const producer = await initProducer(transport, 'p')
    await transport.addOffsetsToTxn(1, { ...producer, groupId: 'g' })
    const code = async (change: object) => {
      const request = { ...producer, ...identity(member), offsets, ...change }
      return (await transport.txnOffsetCommit(1, request))[0]!.errorCode
    }
    expect(await code({ generation: 0 })).toBe(kafkaError.ILLEGAL_GENERATION)
    expect(await code({ memberId: 'other' })).toBe(kafkaError.UNKNOWN_MEMBER_ID)
    expect(await code({ groupInstanceId: 'i' })).toBe(kafkaError.UNKNOWN_MEMBER_ID)
    expect(await code({})).toBe(0)
  })

  test('need the group to be part of the transaction', async () => {
    const { transport } = setUp()
    const member = await stableMember(transport)
    const producer = await initProducer(transport, 'p')
    await write(transport, producer, 'a', 0)
    const request = { ...producer, ...identity(member), offsets }
    const [answer] = await transport.txnOffsetCommit(1, request)
    expect(answer!.errorCode).toBe(kafkaError.INVALID_TXN_STATE)
  })
})
