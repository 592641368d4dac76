import { noHeaders } from '@millrace/record'
import type { ProducerOptions } from '../../ports/producer.ts'
import type { ProduceAnswer, ProduceRequest } from '../../ports/transport.ts'
import { KafkaTransactionalProducer } from '../transaction/transactional-producer.ts'
import { connected } from './fixture.ts'

export const group = { groupId: 'g', memberId: 'm-1', generation: 3, groupInstanceId: 'i-1' }
export const offsets = [{ topic: 'in', partition: 0, offset: 42 }]

/** A producer before `init`, on a cluster where everything succeeds unless the test says otherwise. */
export async function producer(options: ProducerOptions = {}) {
  const fixture = connected({ a: [1, 1, 2] })
  const { script, connection } = fixture
  await connection.metadata.refresh(['a'])
  let epoch = 0
  script.always('initProducerId', (_, { producerId }) => ({
    errorCode: 0,
    producerId: 7,
    producerEpoch: producerId === -1 ? 0 : ++epoch,
  }))
  script.always('addPartitionsToTxn', (_, { partitions }) =>
    partitions.map((each) => ({ ...each, errorCode: 0 })),
  )
  script.always('addOffsetsToTxn', () => ({ errorCode: 0 }))
  script.always('txnOffsetCommit', (_, request) =>
    request.offsets.map((each) => ({ ...each, errorCode: 0 })),
  )
  script.always('endTxn', () => ({ errorCode: 0 }))
  script.always('produce', (_, request) => produced(request))
  const producer = new KafkaTransactionalProducer(connection, { transactionalId: 'tx', ...options })
  const append = (partition: number, value = 'v') =>
    producer.append('a', partition, null, Buffer.from(value), 1_000, noHeaders)
  return { ...fixture, producer, append }
}

export async function initialized(options: ProducerOptions = {}) {
  const made = await producer(options)
  await made.producer.init()
  return made
}

export async function open(options: ProducerOptions = {}) {
  const made = await initialized(options)
  made.producer.begin()
  return made
}

/** Answers in turn with these, then with success. */
export function inTurn(codes: readonly (number | Error)[]): () => number {
  const left = [...codes]
  return () => {
    const code = left.shift() ?? 0
    if (code instanceof Error) throw code
    return code
  }
}

/** The same outcome for every batch of a produce request, or by partition. */
export function produced(
  request: ProduceRequest,
  errorCode: number | ((partition: number) => number) = 0,
): ProduceAnswer[] {
  return request.batches.map(({ topic, partition }) => ({
    topic,
    partition,
    errorCode: typeof errorCode === 'number' ? errorCode : errorCode(partition),
    baseOffset: 0,
    logAppendTimeMs: -1,
    logStartOffset: 0,
  }))
}
