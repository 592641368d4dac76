import { createRequire } from 'node:module'
import { systemClock } from '@millrace/time'
import { expect, test } from 'vitest'
import { BrokerFactory } from './brokers/broker-factory.ts'
import { createKafkajsTransport } from './kafkajs-transport.ts'

const version: string = createRequire(import.meta.url)('kafkajs/package.json').version

test('kafkajs is the version whose private surface is known', () => {
  expect(version).toBe('2.2.4')
})

test('what is used of kafkajs beyond its types is there', async () => {
  const factory = new BrokerFactory(
    { brokers: ['127.0.0.1:1'], clientId: 'test' },
    () => {},
    systemClock,
  )
  const { broker, connection } = await factory.make({ host: '127.0.0.1', port: 1 })
  expect(broker).toMatchObject({ connect: expect.any(Function), versions: null })
  expect(connection).toMatchObject({
    isConnected: expect.any(Function),
    send: expect.any(Function),
    rejectRequests: expect.any(Function),
    disconnect: expect.any(Function),
  })
  expect(connection.requestQueue).toMatchObject({
    pending: [],
    throttledUntil: -1,
    checkPendingRequests: expect.any(Function),
    scheduleCheckPendingRequests: expect.any(Function),
  })
  expect(connection.isConnected()).toBe(false)
})

test('a broker that cannot be reached is told as such, and nothing is printed', async () => {
  const lines: string[] = []
  const options = { brokers: ['127.0.0.1:1'], clientId: 'test' }
  const transport = createKafkajsTransport(
    options,
    (level, message) => lines.push(`${level} ${message}`),
    systemClock,
  )
  await expect(transport.connect()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_UNAVAILABLE' })
  expect(lines).toEqual([expect.stringMatching(/^warn Connection error: .*ECONNREFUSED/)])
  await transport.close()
  await expect(transport.metadata([])).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_FATAL' })
})
