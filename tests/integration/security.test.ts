// oxlint-disable vitest/expect-expect -- assertions are the bodies'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { type SecureBroker, startSecureBroker } from '../../tools/kafka/secure-broker.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const availability = brokerAvailability()
let broker: SecureBroker

beforeAll(async () => {
  if (availability.isAvailable) broker = await startSecureBroker()
})
afterAll(() => broker?.stop())

/** A test on the broker with users; the test itself speaks to its listener in the clear. */
function secureTest(title: string, body: (scene: Scene) => Promise<void>): void {
  test(title, async (context) => {
    if (!availability.isAvailable) return context.skip(availability.reason)
    const topics = { in: 2, out: 2, late: 1 }
    await using scene = await Scene.open({ brokers: broker.brokers, topics })
    await body(scene)
  })
}

function scram(password: string): Record<string, string> {
  return {
    MILLRACE_KAFKA_BROKERS: broker.saslBrokers,
    MILLRACE_KAFKA_TLS: 'true',
    MILLRACE_KAFKA_TLS_CA_FILE: broker.caFile,
    MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    MILLRACE_KAFKA_SASL_USERNAME: broker.user.name,
    MILLRACE_KAFKA_SASL_PASSWORD: password,
    MILLRACE_LOG_LEVEL: 'debug',
  }
}

async function countsRight(scene: Scene, env: Record<string, string>): Promise<string> {
  const one = scene.processor('counting.ts', 'one', env)
  await one.ready()
  await scene.feed('in', spread({ partitions: 2, from: 0, to: 100 }))
  await scene.consumed('in')
  expect((await one.end('SIGTERM')).code).toBe(0)
  const expected = batchCounts(asBatch(await scene.read('in')), window)
  expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
  return one.text
}

secureTest(
  'a processor works over SASL_SSL, and its password is nowhere in the log',
  async (scene) => {
    const text = await countsRight(scene, scram(broker.user.password))
    expect(text).not.toContain(broker.user.password)
  },
)

secureTest('a processor works over mutual TLS', async (scene) => {
  await countsRight(scene, {
    MILLRACE_KAFKA_BROKERS: broker.mutualTlsBrokers,
    MILLRACE_KAFKA_TLS: 'true',
    MILLRACE_KAFKA_TLS_CA_FILE: broker.caFile,
    MILLRACE_KAFKA_TLS_CERTIFICATE_FILE: broker.client.certificateFile,
    MILLRACE_KAFKA_TLS_KEY_FILE: broker.client.keyFile,
  })
})

secureTest(
  'a wrong password ends the processor at once: no storm of attempts, no password in the log',
  async (scene) => {
    const one = scene.processor('counting.ts', 'one', scram('not-the-grist'))
    expect((await one.ended()).code).toBe(1)
    expect(one.text).toContain('MILLRACE_KAFKA_AUTHENTICATION')
    expect(one.text).toContain('MILLRACE_KAFKA_SASL_USERNAME')
    expect(one.said('waiting for a broker')).toEqual([])
    expect(one.text).not.toContain('not-the-grist')
  },
)
