import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs } from './harness/input.ts'
import { Receiver } from './harness/receiver.ts'
import { Scene } from './harness/scene.ts'

const partitions = 2
const keys = 10

/** Of each key its values in turn. */
function inputs(from: number, to: number) {
  return Array.from({ length: to - from }, (_, nth) => {
    const key = (from + nth) % keys
    const value = String(from + nth)
    return { key: `k${key}`, value, partition: key % partitions, timestampMs: baseMs + from + nth }
  })
}

describeWithKafka('effects on the outside, with processors killed', (brokers) => {
  test('wait while nobody answers, go out in order, and are repeated under the same name only', async () => {
    await using receiver = await Receiver.open()
    await using scene = await Scene.open({ brokers, topics: { in: partitions } })
    const env = { SINK_URL: receiver.url }
    const one = scene.processor('writing.ts', 'one', env)
    const two = scene.processor('writing.ts', 'two', env)
    await Promise.all([one.ready(), two.ready()])

    receiver.refuses = true
    await scene.feed('in', inputs(0, 100))
    // The records themselves wait for nobody.
    await scene.consumed('in')
    await scene.until('writes are refused', () => receiver.refused > 0)
    receiver.refuses = false
    await scene.feed('in', inputs(100, 300))
    await scene.until('half is written', () => receiver.received.length > 150)
    await one.end('SIGKILL')
    const three = scene.processor('writing.ts', 'one', env)
    await scene.feed('in', inputs(300, 400))
    const written = () => new Map(receiver.received.map(({ id, value }) => [id, value]))
    await scene.until('all is written', () => new Set(written().values()).size === 400)
    expect((await two.end('SIGTERM')).code).toBe(0)
    expect((await three.end('SIGTERM')).code).toBe(0)

    // As many names as records: what was written again was so under its name.
    expect(written().size).toBe(400)
    for (let key = 0; key < keys; key++) {
      const values = receiver.received
        .filter((it) => it.key === `k${key}`)
        .map(({ value }) => +value)
      const firsts = [...new Set(values)]
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
    }
  })
})
