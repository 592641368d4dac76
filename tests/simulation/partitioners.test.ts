import { topology } from '@millrace/dsl'
import { partitionFor, string } from '@millrace/record'
import { silentLogger } from '@millrace/telemetry'
import { expect, test } from 'vitest'
import { counted, World } from './fixture.ts'

const source = { key: string, value: string, nullValues: 'drop' } as const

const joined = topology((t) => {
  t.stream('left', source)
    .join(t.stream('right', source), (left, right) => `${left}${right}`, {
      name: 'joined',
      before: '1m',
      after: '1m',
      grace: '1m',
      value: string,
    })
    .to('out')
})

const partitionCount = 4

type Partitioner = (key: string, number: number) => number
const byDefault: Partitioner = (key) => partitionFor(Buffer.from(key), partitionCount)
const byNumber: Partitioner = (_, number) => number % partitionCount

async function run(left: Partitioner, right: Partitioner) {
  const it = new World(joined)
  for (const topic of ['left', 'right', 'out']) it.cluster.createTopic(topic, { partitionCount })
  for (let number = 0; number < 100; number++) {
    const key = `k${number}`
    const record = { key: Buffer.from(key), value: Buffer.from('v'), timestampMs: number }
    it.cluster.append('left', left(key, number), record)
    it.cluster.append('right', right(key, number), record)
  }
  const said: object[] = []
  const error = (fields: object): void => void said.push(fields)
  const logger = { ...silentLogger, error, child: () => logger }
  const one = it.start({ logger })
  await it.untilConsumed('left', partitionCount)
  await it.untilConsumed('right', partitionCount)
  await it.stop(one)
  expect(one.worker.error).toBe(null)
  const count = (topic: string): number =>
    counted(one.counters, 'millrace_partitioners_disagree_total', { topic, lane: 'live' })
  return { said, left: count('left'), right: count('right') }
}

test('a side that was written by another partitioner is counted and named', async () => {
  const { said, left, right } = await run(byDefault, byNumber)
  expect(left).toBe(0)
  expect(right).toBeGreaterThan(0)
  expect(said).toContainEqual(expect.objectContaining({ topic: 'right', with: 'left' }))
})

test('two sides that agree are not, by whatever partitioner', async () => {
  expect(await run(byDefault, byDefault)).toEqual({ said: [], left: 0, right: 0 })
  expect(await run(byNumber, byNumber)).toEqual({ said: [], left: 0, right: 0 })
})
