import { isMillraceError } from '@millrace/errors'
import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { brokerAvailability } from '../../../../tools/kafka/available.ts'
import { startBroker } from '../../../../tools/kafka/broker.ts'
import { RecordBatchWriter, unstamped } from '../wire/record-batch-writer.ts'
import { failureOf } from './testing/failure-of.ts'
import { eventually, newTopic, openTransport } from './testing/real-broker.ts'

const availability = brokerAvailability()

test('after the broker was killed and is back the same transport goes on', async (context) => {
  if (!availability.isAvailable) return context.skip(availability.reason)
  await using broker = await startBroker()
  const transport = openTransport(broker.brokers)
  const { topic, nodeId } = await newTopic(transport)
  const writer = new RecordBatchWriter()
  writer.append(null, Buffer.from('v'), Date.now(), noHeaders)
  const batches = [{ topic, partition: 0, batch: writer.finish(unstamped) }]
  const produce = () =>
    transport.produce(nodeId, { transactionalId: null, timeoutMs: 5_000, batches })
  expect((await produce())[0]).toMatchObject({ errorCode: 0, baseOffset: 0 })

  const waiting = transport.fetch(nodeId, {
    isolation: 'read_uncommitted',
    maxWaitMs: 20_000,
    minBytes: 1,
    maxBytes: 1_000,
    partitions: [{ topic, partition: 0, offset: 1, maxBytes: 1_000 }],
  })
  const lost = failureOf(waiting)
  await broker.kill()
  expect(await lost).toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })
  await expect(produce()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_RETRIABLE' })

  await broker.restart()
  const produced = await eventually('the broker takes records again', async () => {
    try {
      const [answer] = await produce()
      return answer!.errorCode === 0 ? answer : undefined
    } catch (error) {
      if (isMillraceError(error) && error.code === 'MILLRACE_KAFKA_RETRIABLE') return undefined
      throw error
    }
  })
  expect(produced.baseOffset).toBeGreaterThanOrEqual(1)
  await transport.close()
})
