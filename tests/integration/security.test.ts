// oxlint-disable vitest/expect-expect -- assertions are the bodies'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { type SecureBroker, startSecureBroker } from '../../tools/kafka/secure-broker.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { millrace } from './harness/millrace.ts'
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

secureTest('secrets are in nothing that a processor or the command line says', async (scene) => {
  const passwordFile = join(scene.dir, 'password')
  writeFileSync(passwordFile, `${broker.user.password}\n`)
  const { MILLRACE_KAFKA_SASL_PASSWORD: _, ...rest } = scram('')
  const env = { ...rest, MILLRACE_KAFKA_SASL_PASSWORD_FILE: passwordFile }
  const one = scene.processor('counting.ts', 'one', env)
  await one.ready()
  const said: string[] = []
  for (const path of ['/healthz', '/readyz', '/metrics', '/nothing-here']) {
    said.push((await one.get(path)).body)
  }
  expect((await one.end('SIGTERM')).code).toBe(0)
  said.push(one.text)

  const settings = { ...env, MILLRACE_TOPOLOGY: one.env['MILLRACE_TOPOLOGY'] ?? '' }
  for (const command of ['check', 'describe', 'topics', 'acl', 'lag', 'state', 'reset']) {
    for (const form of [[], ['--json']]) {
      const { out, err } = await millrace(scene, [command, ...form], settings)
      expect(out + err).not.toBe('')
      said.push(out, err)
    }
  }
  // Settings that are wrong are named, not repeated.
  const canaries = ['canary-password', 'canary-client-secret', 'canary-interval']
  const wrong = await millrace(scene, ['check'], {
    MILLRACE_KAFKA_SASL_MECHANISM: 'oauthbearer',
    MILLRACE_KAFKA_SASL_PASSWORD: 'canary-password',
    MILLRACE_KAFKA_OAUTH_CLIENT_SECRET: 'canary-client-secret',
    MILLRACE_COMMIT_INTERVALL: 'canary-interval',
  })
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain('MILLRACE_COMMIT_INTERVALL')
  said.push(wrong.out, wrong.err)
  for (const secret of [broker.user.password, ...canaries]) {
    expect(said.filter((text) => text.includes(secret))).toEqual([])
  }
})
