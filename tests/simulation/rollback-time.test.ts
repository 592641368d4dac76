import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

const failing = topology((t) => {
  const records = t.stream('in', { key: string, value: string, nullValues: 'drop' })
  records.to('copies')
  records
    .groupByKey()
    .aggregate({
      name: 'counts',
      initial: () => 0,
      add(count, value) {
        if (value === 'bad') throw new Error('bad')
        return count + 1
      },
    })
    .toStream()
    .to('out')
})

function world(): World {
  const made = new World(failing)
  for (const topic of ['in', 'copies', 'out', 'dead'])
    made.cluster.createTopic(topic, { partitionCount: 1 })
  return made
}

function put(it: World, value: string): void {
  const [key, bytes] = [Buffer.from('k'), Buffer.from(value)]
  it.cluster.append('in', 0, { key, value: bytes, timestampMs: 1_000 })
}

const rollbacks = { reason: 'MILLRACE_RUNTIME_PROCESSING_FAILED', lane: 'live' }

test('records that fail half-way at the end of the log cost no wait for the next fetch', async () => {
  const it = world()
  for (let n = 0; n < 1_000; n++) put(it, n % 50 === 49 ? 'bad' : 'good')
  const startedAtMs = it.clock.nowMs()
  const one = it.start({ deadLetterTopic: 'dead', guarantee: 'exactly_once' })
  await it.untilConsumed('in', 1)
  const tookMs = it.clock.nowMs() - startedAtMs
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  expect(counted(one.counters, 'millrace_record_rollbacks_total', rollbacks)).toBe(20)
  expect(it.cluster.readAll('dead')).toHaveLength(20)
  expect(it.cluster.readAll('copies')).toHaveLength(980)
  expect(it.cluster.readAll('out').at(-1)?.value?.toString()).toBe('980')
  // One that waits for a fetch at the end of the log waits half a second.
  expect(tookMs).toBeLessThan(20 * 100)
})
