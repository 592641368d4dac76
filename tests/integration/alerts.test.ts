import type { AlertEvent } from 'millrace/alerts'
import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs } from './harness/input.ts'
import { Receiver } from './harness/receiver.ts'
import { Scene } from './harness/scene.ts'

const partitions = 2
const keys = Array.from({ length: 8 }, (_, nth) => `k${nth}`)

/** One reading of every key at each second. */
function readings(fromS: number, toS: number, value: number) {
  return Array.from({ length: toS - fromS }, (_, nth) => fromS + nth).flatMap((second) =>
    keys.map((key, nth) => ({
      key,
      value: String(value),
      partition: nth % partitions,
      timestampMs: baseMs + second * 1_000,
    })),
  )
}

describeWithKafka('alerts on data, with processors killed', (brokers) => {
  test('each begins once and ends once, through kill, rebalance and restart, while nobody listens', async () => {
    await using receiver = await Receiver.open()
    const topics = { in: partitions, alerts: partitions }
    await using scene = await Scene.open({ brokers, topics })
    const env = { SINK_URL: receiver.url }
    const one = scene.processor('alerting.ts', 'one', env)
    const two = scene.processor('alerting.ts', 'two', env)
    await Promise.all([one.ready(), two.ready()])
    receiver.refuses = true

    // Above from second 0 on; killed before the ten seconds are over, and after.
    await scene.feed('in', readings(0, 6, 95))
    await scene.consumed('in')
    await one.end('SIGKILL')
    await scene.feed('in', readings(6, 14, 95))
    await scene.consumed('in')
    const three = scene.processor('alerting.ts', 'one', env)
    await three.ready()
    await scene.feed('in', readings(14, 20, 95))
    await scene.until('somebody was asked to listen', () => receiver.refused > 0)
    expect((await two.end('SIGTERM')).code).toBe(0)
    // Below from second 20 on, with nobody there but one.
    await scene.feed('in', readings(20, 23, 40))
    await scene.consumed('in')
    await three.end('SIGKILL')
    const four = scene.processor('alerting.ts', 'one', env)
    await scene.feed('in', readings(23, 30, 40))
    await scene.consumed('in')

    const events = (await scene.read('alerts'))
      .flat()
      .map(({ value }) => JSON.parse(String(value)) as AlertEvent)
    const said = events.map((it) => {
      return `${it.dedupeKey} ${it.status} ${(it.resolvedAtMs ?? it.firedAtMs) - baseMs}`
    })
    const wanted = keys.flatMap((key) => [`hot/${key} firing 10000`, `hot/${key} resolved 25000`])
    expect(said.toSorted()).toEqual(wanted.toSorted())

    receiver.refuses = false
    const heard = () => new Set(receiver.received.map(({ id }) => id))
    await scene.until('all was delivered', () => heard().size === wanted.length)
    expect(heard()).toEqual(new Set(events.map(({ id }) => id)))
    expect((await four.end('SIGTERM')).code).toBe(0)
  })
})
