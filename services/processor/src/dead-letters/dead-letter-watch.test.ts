import { type Headers, withHeader } from '@millrace/record'
import { createSimulatedCluster, VirtualClock } from '@millrace/simulation'
import { expect, test } from 'vitest'
import { DeadLetterWatch } from './dead-letter-watch.ts'

function headersOf(position: readonly [string, number, number], failedAtMs: number): Headers {
  const [topic, partition, offset] = position
  const facts = {
    '__streams.errors.topic': topic,
    '__streams.errors.partition': String(partition),
    '__streams.errors.offset': String(offset),
    'millrace.dlq.failed-at': String(failedAtMs),
  }
  return Object.entries(facts).reduce<Headers>(
    (all, [name, text]) => withHeader(all, name, text),
    [],
  )
}

test('the oldest letter of which nothing has become is told; of those that are settled none', async () => {
  const clock = new VirtualClock()
  const cluster = createSimulatedCluster({ clock })
  cluster.createTopic('dead', { partitionCount: 2 })
  const client = cluster.client({ clientId: 'watch' })
  await client.connect()
  let told: number | undefined
  const watch = new DeadLetterWatch({
    cluster: client,
    applicationId: 'app',
    topic: 'dead',
    oldest: { set: (seconds) => (told = seconds), clear: () => (told = undefined) },
    clock,
    onTrouble: () => {},
  })
  const look = () => clock.run(watch.look())
  const letter = (partition: number, offset: number, failedAtMs: number): void => {
    const headers = headersOf(['in', partition, offset], failedAtMs)
    cluster.append('dead', partition, { key: null, value: null, headers, timestampMs: 1 })
  }
  const settled = (position: string): void => {
    cluster.append('app-dlq-settled', 0, {
      key: Buffer.from(position),
      value: Buffer.from('{}'),
      timestampMs: 1,
    })
  }

  await look()
  expect(told).toBeUndefined()
  letter(0, 5, 20_000)
  letter(0, 6, 30_000)
  letter(1, 2, 25_000)
  await look()
  expect(told).toBe(20)
  cluster.createTopic('app-dlq-settled', { partitionCount: 1 })
  settled('in:0:5')
  await look()
  expect(told).toBe(25)
  settled('in:1:2')
  settled('in:0:6')
  await look()
  expect(told).toBeUndefined()
  letter(1, 9, 40_000)
  await look()
  expect(told).toBe(40)
  watch.stop()
})
