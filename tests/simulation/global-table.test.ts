import { topology } from '@millrace/dsl'
import { string } from '@millrace/record'
import { memoryBackends } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { World } from './fixture.ts'

const texts = { key: string, value: string }

const naming = topology((t) => {
  const airports = t.globalTable('airports', { name: 'airports', ...texts })
  t.stream('flights', texts)
    .join(airports, (_flight, airport) => airport, { on: (flight) => flight, value: string })
    .to('out')
})

function worldWithAirports(): World {
  const world = new World(naming)
  world.cluster.createTopic('airports', { partitionCount: 3 })
  world.cluster.createTopic('flights', { partitionCount: 4 })
  world.cluster.createTopic('out', { partitionCount: 4 })
  for (let nth = 0; nth < 300; nth++)
    append(world, 'airports', nth % 3, `a${nth}`, `Airport ${nth}`)
  return world
}

function append(world: World, topic: string, partition: number, key: string, value: string | null) {
  const bytes = value === null ? null : Buffer.from(value)
  world.cluster.append(topic, partition, { key: Buffer.from(key), value: bytes, timestampMs: 1 })
}

const namesIn = (world: World) =>
  world.cluster.readAll('out').map(({ value }) => value?.toString() ?? null)

test('two workers name every flight, whatever partition its airport lies in', async () => {
  const world = worldWithAirports()
  for (let nth = 0; nth < 300; nth++) append(world, 'flights', nth % 4, `f${nth}`, `a${nth}`)
  const workers = [world.start(), world.start()]
  await world.untilRunning(...workers)
  await world.untilConsumed('flights', 4)
  await world.stop(...workers)
  expect(workers.map(({ worker }) => worker.error)).toEqual([null, null])
  expect(new Set(namesIn(world)).size).toBe(300)
})

test('the table is followed while the worker runs, and goes on where it was after a kill', async () => {
  const world = worldWithAirports()
  const backends = memoryBackends()
  const first = world.start({ backends })
  await world.untilRunning(first)
  append(world, 'airports', 0, 'a0', 'Renamed')
  append(world, 'airports', 1, 'a1', null)
  await world.clock.advance(5_000)
  append(world, 'flights', 0, 'f', 'a0')
  append(world, 'flights', 0, 'f', 'a1')
  await world.untilConsumed('flights', 4)
  expect(namesIn(world)).toEqual(['Renamed'])

  await first.kill()
  append(world, 'airports', 2, 'a2', 'Renamed, too')
  const second = world.start({ backends })
  await world.untilRunning(second)
  append(world, 'flights', 1, 'f', 'a2')
  append(world, 'flights', 1, 'f', 'a0')
  await world.untilConsumed('flights', 4)
  await world.stop(second)
  expect(namesIn(world)).toEqual(['Renamed', 'Renamed, too', 'Renamed'])
})

test('a record that the table cannot read stops the worker and is named', async () => {
  const world = worldWithAirports()
  world.cluster.append('airports', 2, {
    key: Buffer.from('a'),
    value: Buffer.from([0xff]),
    timestampMs: 1,
  })
  const { worker } = world.start()
  await world.until(() => worker.state === 'failed')
  expect(worker.error).toMatchObject({ code: 'MILLRACE_RUNTIME_GLOBAL_TABLE' })
  expect(String(worker.error)).toMatch(/airports/)
})
