// oxlint-disable vitest/expect-expect, vitest/valid-title -- titles and assertions are the callers'
import { readFileSync } from 'node:fs'
import { systemClock } from '@millrace/time'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { brokerAvailability } from '../../../../../tools/kafka/available.ts'
import {
  type IdentityProvider,
  startIdentityProvider,
} from '../../../../../tools/kafka/identity-provider.ts'
import { type SecureBroker, startSecureBroker } from '../../../../../tools/kafka/secure-broker.ts'
import type { Transport } from '../../ports/transport.ts'
import { eventually, openTransport } from '../testing/real-broker.ts'

const availability = brokerAvailability()
const sessionMs = 3_000
let identity: IdentityProvider
let broker: SecureBroker

beforeAll(async () => {
  if (!availability.isAvailable) return
  identity = await startIdentityProvider()
  broker = await startSecureBroker({ identity, oauthSessionMs: sessionMs })
})
afterAll(async () => {
  await broker?.stop()
  await identity?.[Symbol.asyncDispose]()
})

function oauthTest(title: string, body: () => Promise<void>): void {
  test(title, async (context) => {
    if (!availability.isAvailable) return context.skip(availability.reason)
    await body()
  })
}

function transportAs(clientSecret: string, tokenUrl = identity.tokenUrl): Transport {
  return openTransport(broker.saslBrokers, {
    tls: { ca: readFileSync(broker.caFile, 'utf8') },
    sasl: { mechanism: 'OAUTHBEARER', tokenUrl, clientId: identity.client.id, clientSecret },
  })
}

oauthTest('OAUTHBEARER lets in who has a token, and asks for no second one meanwhile', async () => {
  const transport = transportAs(identity.client.secret)
  const before = identity.tokenCount
  await transport.connect()
  expect((await transport.metadata([])).brokers).toHaveLength(1)
  expect(identity.tokenCount - before).toBe(1)
  await transport.close()
})

oauthTest('a wrong secret is refused by name, without a second attempt', async () => {
  const transport = transportAs('wrong')
  await expect(transport.connect()).rejects.toMatchObject({
    code: 'MILLRACE_KAFKA_AUTHENTICATION',
    message: expect.stringContaining('invalid_client'),
  })
  await transport.close()
})

oauthTest('a token of another provider is refused by the broker', async () => {
  await using other = await startIdentityProvider()
  const transport = transportAs(other.client.secret, other.tokenUrl)
  await expect(transport.connect()).rejects.toMatchObject({ code: 'MILLRACE_KAFKA_AUTHENTICATION' })
  await transport.close()
})

oauthTest('requests go on beyond the end of an authentication', async () => {
  const transport = transportAs(identity.client.secret)
  await transport.connect()
  const startedAtMs = systemClock.monotonicMs()
  // Without a pause: each request must be answered, those around the ends too.
  await eventually('two sessions have passed', async () => {
    await transport.metadata([])
    return systemClock.monotonicMs() - startedAtMs > 2 * sessionMs + 1_000 ? true : undefined
  })
  await transport.close()
})
