// oxlint-disable vitest/expect-expect -- assertions are the bodies'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { grant, type Rule } from '../../libs/kafka/src/kafkajs/testing/grant.ts'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { type SecureBroker, startSecureBroker } from '../../tools/kafka/secure-broker.ts'
import { asBatch, batchCounts, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { millrace } from './harness/millrace.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

const availability = brokerAvailability()
const topology = join(import.meta.dirname, 'harness', 'topologies', 'counting.ts')
let broker: SecureBroker

beforeAll(async () => {
  if (availability.isAvailable) broker = await startSecureBroker({ hasRules: true })
})
afterAll(() => broker?.stop())

/** A test on a broker where nothing is allowed to a user that no rule allows. */
function ruledTest(title: string, body: (scene: Scene) => Promise<void>): void {
  test(title, async (context) => {
    if (!availability.isAvailable) return context.skip(availability.reason)
    const topics = { in: 2, out: 2, late: 1 }
    await using scene = await Scene.open({ brokers: broker.brokers, topics })
    await body(scene)
  })
}

function asUser(): Record<string, string> {
  return {
    MILLRACE_KAFKA_BROKERS: broker.saslBrokers,
    MILLRACE_KAFKA_TLS: 'true',
    MILLRACE_KAFKA_TLS_CA_FILE: broker.caFile,
    MILLRACE_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    MILLRACE_KAFKA_SASL_USERNAME: broker.user.name,
    MILLRACE_KAFKA_SASL_PASSWORD: broker.user.password,
  }
}

async function neededRules(scene: Scene): Promise<readonly Rule[]> {
  const said = await millrace(scene, ['acl', '--json'], {
    ...asUser(),
    MILLRACE_TOPOLOGY: topology,
  })
  const { principal, rights } = JSON.parse(said.out)
  expect(principal).toBe(`User:${broker.user.name}`)
  return rights
}

function check(scene: Scene) {
  const settings = { MILLRACE_TOPOLOGY: topology, MILLRACE_STATE_DIRECTORY: scene.dir }
  return millrace(scene, ['check'], { ...asUser(), ...settings })
}

ruledTest(
  'with the rights of `millrace acl` and no more, a processor works exactly once',
  async (scene) => {
    await grant(broker.brokers, `User:${broker.user.name}`, await neededRules(scene))
    expect(await check(scene)).toMatchObject({ code: 0, out: expect.stringContaining('0 errors') })
    const one = scene.processor('counting.ts', 'one', asUser())
    await one.ready()
    await scene.feed('in', spread({ partitions: 2, from: 0, to: 100 }))
    await scene.consumed('in')
    expect((await one.end('SIGTERM')).code).toBe(0)
    expect(one.text).not.toContain('MILLRACE_KAFKA_AUTHORIZATION')
    const expected = batchCounts(asBatch(await scene.read('in')), window)
    expect(finalsOf(await scene.read('out'))).toEqual(expected.counts)
    expect(await check(scene)).toMatchObject({ code: 0, out: expect.stringContaining('0 errors') })
  },
)

ruledTest(
  'a right that is missing is named by check, and by the processor that ends for it',
  async (scene) => {
    const rules = await neededRules(scene)
    const out = scene.topic('out')
    const without = rules.map((rule) =>
      rule.name === out ? { ...rule, operations: ['DescribeConfigs', 'Describe'] } : rule,
    )
    await grant(broker.brokers, `User:${broker.user.name}`, without)
    const before = await check(scene)
    expect(before.code).toBe(1)
    expect(before.out).toContain(`no Write on topic ${out} (output)`)
    expect(before.out).toContain(`--operation Write --topic ${out}`)

    const one = scene.processor('counting.ts', 'one', asUser())
    await scene.feed('in', spread({ partitions: 2, from: 0, to: 10 }))
    expect((await one.ended()).code).toBe(1)
    expect(one.text).toContain('MILLRACE_KAFKA_AUTHORIZATION')
    expect(one.text).toContain(out)
  },
)

ruledTest('without a right on the group the processor says so and ends', async (scene) => {
  const rules = await neededRules(scene)
  const without = rules.filter(({ resource }) => resource !== 'group')
  await grant(broker.brokers, `User:${broker.user.name}`, without)
  expect((await check(scene)).out).toMatch(/ERROR\s+rights\s+MILLRACE_KAFKA_AUTHORIZATION/)
  const one = scene.processor('counting.ts', 'one', asUser())
  expect((await one.ended()).code).toBe(1)
  expect(one.text).toContain('MILLRACE_KAFKA_AUTHORIZATION')
  expect(one.text).toContain(`group ${scene.name}`)
})
