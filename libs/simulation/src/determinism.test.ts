import type { FetchedPartition } from '@millrace/kafka'
import { describe, expect, test } from 'vitest'
import { randomFaults } from './faults/random-faults.ts'
import { text } from './fixtures.ts'
import { seededRandom } from './prng.ts'
import { createSimulatedCluster } from './simulated-cluster.ts'
import { VirtualClock } from './virtual-clock.ts'

const rates = { delay: 0.3, disconnect: 0.03, lostAnswer: 0.03, repeat: 0.03, passingError: 0.03 }
const transactions = 20

/** A transactional producer beside a reader, under faults; what came of it, and when. */
async function run(seed: number) {
  const clock = new VirtualClock()
  const cluster = createSimulatedCluster({ clock, brokerCount: 3, markerDelayMs: 20 })
  cluster.createTopic('t', { partitionCount: 2 })
  const client = cluster.client()
  await clock.run(client.connect())
  cluster.faults = randomFaults(seededRandom(seed), rates)
  const producer = client.transactionalProducer({ transactionalId: 'p' })
  const write = async () => {
    await producer.init()
    for (let i = 0; i < transactions; i++) {
      producer.begin()
      for (const partition of [0, 1]) {
        producer.append('t', partition, null, Buffer.from(`${i}`), clock.nowMs(), [])
      }
      await (i % 3 === 2 ? producer.abort() : producer.commit())
    }
  }
  await clock.run(write())
  const fetcher = client.fetcher({ isolation: 'read_committed' })
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  const fetched: FetchedPartition[] = []
  const read = async () => {
    while ((fetched.at(-1)?.nextOffset ?? 0) < cluster.endOffset('t', 0)) {
      fetched.push(...(await fetcher.poll(1_000)))
    }
  }
  await clock.run(read())
  const endedAtMs = clock.monotonicMs()
  cluster.faults = {}
  await clock.run(Promise.all([fetcher.close(), producer.close()]).then(() => client.close()))
  await cluster.close()
  return {
    endedAtMs,
    values: [0, 1].map((each) => cluster.readAll('t', each).map(({ value }) => text(value))),
    read: fetched.flatMap(({ batches }) => batches.map(({ baseOffset }) => baseOffset)),
  }
}

describe('a run with the real client under faults', () => {
  test('is the same for the same seed, to the millisecond', async () => {
    const [a, again, b] = [await run(1), await run(1), await run(2)]
    expect(a).toEqual(again)
    expect(a.endedAtMs).not.toBe(b.endedAtMs)
  })

  test('commits each transaction once and in order, and leaves aborted ones out', async () => {
    const all = Array.from({ length: transactions }, (_, i) => i)
    const expected = all.filter((i) => i % 3 !== 2).map(String)
    for (let seed = 0; seed < 20; seed++) {
      const { values } = await run(seed)
      expect(values, `seed ${seed}`).toEqual([expected, expected])
    }
  })
})
