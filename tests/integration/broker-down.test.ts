import { expect, inject, test } from 'vitest'
import { brokerAvailability } from '../../tools/kafka/available.ts'
import { startBroker } from '../../tools/kafka/broker.ts'
import { asBatch, batchCounts, compareAtLeast, finalsOf } from './harness/batch.ts'
import { spread } from './harness/input.ts'
import { Scene } from './harness/scene.ts'
import { window } from './harness/topologies/counting.ts'

test('a processor waits for its broker, at the start and later, and gets every window right', async (context) => {
  const availability = brokerAvailability()
  if (!availability.isAvailable) return context.skip(inject('kafkaMissing') || availability.reason)
  await using broker = await startBroker()
  await using scene = await Scene.open({
    brokers: broker.brokers,
    topics: { in: 4, out: 4, late: 1 },
  })
  await broker.kill()

  const one = scene.processor('counting.ts', 'one')
  await scene.until(
    'it has tried more than once',
    () => one.said('waiting for a broker').length > 1,
  )
  expect((await one.get('/healthz')).status).toBe(200)
  expect((await one.get('/readyz')).status).toBe(503)
  await broker.restart()
  await one.ready()

  await scene.feed('in', spread({ partitions: 4, from: 0, to: 400 }))
  await broker.kill()
  await scene.until('it is not ready', async () => !(await one.isReady()))
  expect((await one.get('/healthz')).status).toBe(200)
  await broker.restart()
  await scene.feed('in', spread({ partitions: 4, from: 400, to: 500 }))
  await scene.consumed('in')
  await one.ready()

  // In good order: the leader moves away before it goes.
  await broker.restart()
  await scene.feed('in', spread({ partitions: 4, from: 500, to: 600 }))
  await scene.consumed('in')
  expect((await one.end('SIGTERM')).code).toBe(0)

  const expected = batchCounts(asBatch(await scene.read('in')), window)
  const { differences, surplus } = compareAtLeast(
    expected.counts,
    finalsOf(await scene.read('out')),
  )
  process.stdout.write(`${expected.counts.size} windows, surplus of ${surplus} records\n`)
  expect(differences).toEqual([])
})
