// oxlint-disable vitest/expect-expect, vitest/valid-title -- titles and assertions are the callers'
import { randomUUID } from 'node:crypto'
import { assert } from '@millrace/errors'
import { systemClock } from '@millrace/time'
import { inject, test } from 'vitest'
import { testKafka } from '../../../../../tools/kafka/test-kafka.ts'
import type { Transport } from '../../ports/transport.ts'
import type { KafkaConnectionOptions } from '../connection-options.ts'
import { createKafkajsTransport } from '../kafkajs-transport.ts'

/** A test with a transport of its own to the real broker; skipped with the reason where there is none. */
export function brokerTest(title: string, body: (transport: Transport) => Promise<void>): void {
  test(title, async (context) => {
    const brokers = testKafka()
    if (brokers === undefined) return context.skip(inject('kafkaMissing'))
    const transport = openTransport(brokers)
    try {
      await body(transport)
    } finally {
      await transport.close()
    }
  })
}

export function openTransport(
  brokers: string | undefined = testKafka(),
  options: Partial<KafkaConnectionOptions> = {},
): Transport {
  assert(brokers !== undefined, 'a broker is named')
  const all = { clientId: 'transport-test', ...options, brokers: brokers.split(',') }
  return createKafkajsTransport(all, () => {}, systemClock)
}

export function uniqueName(what: string): string {
  return `${what}-${randomUUID().slice(0, 8)}`
}

/** Creates a topic of its own and waits until its partitions have leaders. */
export async function newTopic(
  transport: Transport,
  options: { partitionCount?: number; configs?: { [name: string]: string } } = {},
): Promise<{ topic: string; nodeId: number }> {
  const topic = uniqueName('transport')
  const { partitionCount = 1, configs = {} } = options
  const [created] = await transport.createTopics([
    { topic, partitionCount, replicationFactor: -1, configs },
  ])
  assert(created?.errorCode === 0, `the topic is created, not ${JSON.stringify(created)}`)
  const nodeId = await eventually('the topic has leaders', async () => {
    const [described] = (await transport.metadata([topic])).topics
    const leaders = described?.partitions.map(({ leaderId }) => leaderId) ?? []
    return leaders.length === partitionCount && leaders.every((id) => id >= 0)
      ? leaders[0]
      : undefined
  })
  return { topic, nodeId }
}

/** Repeats until there is a result, for at most 30 seconds. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadlineAtMs = Date.now() + 30_000
  for (;;) {
    const result = await attempt()
    if (result !== undefined) return result
    assert(Date.now() < deadlineAtMs, `in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Repeats a request while Kafka says that it is not ready for it (coordinator loading, transaction ending). */
export async function settled<T extends { errorCode: number }>(
  request: () => Promise<T>,
): Promise<T> {
  const passing = new Set([14, 15, 16, 51])
  return eventually('the broker is ready', async () => {
    const answer = await request()
    return passing.has(answer.errorCode) ? undefined : answer
  })
}

export async function coordinatorOf(
  transport: Transport,
  kind: 'group' | 'transaction',
  key: string,
): Promise<number> {
  return (await settled(() => transport.findCoordinator(kind, key))).nodeId
}
