import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerAvailability } from '../../../../tools/kafka/available.ts'
import { type SecureBroker, startSecureBroker } from '../../../../tools/kafka/secure-broker.ts'
import type { KafkaConnectionOptions } from './connection-options.ts'
import { newTopic, openTransport } from './testing/real-broker.ts'

const availability = brokerAvailability()
let broker: SecureBroker
let ca: string

beforeAll(async () => {
  if (!availability.isAvailable) return
  broker = await startSecureBroker()
  ca = readFileSync(broker.caFile, 'utf8')
})
afterAll(() => broker?.stop())

function secureTest(title: string, assertion: () => Promise<void>): void {
  test(title, async (context) => {
    if (!availability.isAvailable) return context.skip(availability.reason)
    await assertion()
  })
}

async function outcome(brokers: string, options: Partial<KafkaConnectionOptions>): Promise<string> {
  const transport = openTransport(brokers, options)
  try {
    await transport.connect()
    await newTopic(transport)
    return 'connected'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    await transport.close()
  }
}

for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
  secureTest(`SASL ${mechanism} over TLS lets the right password in and no other`, async () => {
    const { name: username, password } = broker.user
    expect(
      await outcome(broker.saslBrokers, { tls: { ca }, sasl: { mechanism, username, password } }),
    ).toBe('connected')
    const wrong = { mechanism, username, password: 'wrong' }
    expect(await outcome(broker.saslBrokers, { tls: { ca }, sasl: wrong })).toBe(
      'MILLRACE_KAFKA_AUTHENTICATION',
    )
  })
}

secureTest('a broker whose certificate is not trusted is refused', async () => {
  const sasl = {
    mechanism: 'PLAIN',
    username: broker.user.name,
    password: broker.user.password,
  } as const
  expect(await outcome(broker.saslBrokers, { tls: {}, sasl })).toBe('MILLRACE_KAFKA_AUTHENTICATION')
})

secureTest("mutual TLS asks for the client's certificate", async () => {
  const client = {
    cert: readFileSync(broker.client.certificateFile, 'utf8'),
    key: readFileSync(broker.client.keyFile, 'utf8'),
  }
  expect(await outcome(broker.mutualTlsBrokers, { tls: { ca, ...client } })).toBe('connected')
  expect(await outcome(broker.mutualTlsBrokers, { tls: { ca } })).toBe(
    'MILLRACE_KAFKA_AUTHENTICATION',
  )
})
