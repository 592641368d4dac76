import { json, number, string } from '@millrace/record'
import { hopping, tumbling } from '@millrace/time'
import { describe as describeTopology, fingerprint, resolvePartitions } from '@millrace/topology'
import { expect, test } from 'vitest'
import { count, type KStream, mean, type StreamBuilder, topology } from './index.ts'
import { TopologyRun } from './topology-fixture.ts'

interface Flight {
  readonly carrier: string | null
  readonly delay: number
}

const flights = { value: json<Flight>(), nullValues: 'drop' } as const
const code = (expected: string) => expect.objectContaining({ code: expected })
const shown = (records: readonly { topic: string; key: unknown; value: unknown }[]) =>
  records.map(({ topic, key, value }) => [topic, key, value])

test('windowed named aggregates go out under windowed keys', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      t.stream('flights', flights)
        .filter((flight) => flight.delay < 1_000)
        .groupByKey()
        .windowedBy(tumbling({ size: 10, grace: 5 }))
        .aggregate({
          name: 'per-origin',
          of: { flights: count(), meanDelay: mean((flight) => flight.delay) },
        })
        .to('per-origin')
    }),
  )
  await run.pipe('flights', 'ATL', { carrier: 'DL', delay: 10 }, 3)
  await run.pipe('flights', 'ATL', { carrier: 'DL', delay: 5_000 }, 4)
  const written = await run.pipe('flights', 'ATL', { carrier: 'AA', delay: 20 }, 5)
  const key = { key: 'ATL', window: { startMs: 0, endMs: 10 } }
  expect(shown(written)).toEqual([['per-origin', key, { flights: 2, meanDelay: 15 }]])
})

test('a changed key passes through a repartition, which leaves null keys out', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      t.stream('flights', flights)
        .groupBy((flight) => flight.carrier, { repartition: 'by-carrier' })
        .count({ name: 'per-carrier' })
        .to('per-carrier')
    }),
  )
  expect(shown(await run.pipe('flights', 'ATL', { carrier: 'DL', delay: 1 }, 1))).toEqual([
    ['per-carrier', 'DL', 1],
  ])
  await run.pipe('flights', 'ATL', { carrier: null, delay: 1 }, 2)
  await run.pipe('flights', 'ATL', null, 3)
  expect(run.leftOut).toEqual([
    { node: 'by-carrier-keyed', reason: 'null-key' },
    { node: 'dropNullValues-1', reason: 'null-value' },
  ])
})

test('aggregations of one grouped stream share its repartition, which says who needs it', () => {
  const { repartitions, subTopologies } = topology((t) => {
    const byCarrier = t
      .stream('flights', flights)
      .selectKey((flight) => flight.carrier)
      .groupByKey({ repartition: 'by-carrier' })
    byCarrier.count({ name: 'all' })
    byCarrier.windowedBy(hopping({ size: '1h', advance: '15m' })).count({ name: 'hourly' })
  })
  expect([...repartitions.values()]).toEqual([
    {
      name: 'by-carrier',
      partitionCount: undefined,
      why: 'selectKey-1 changed the keys, and all and hourly must find all records of a key in one partition',
    },
  ])
  expect(subTopologies.map(({ stores }) => stores)).toEqual([[], ['all', 'hourly']])
})

test('values are validated once: behind a repartition and in stores the serde is the plain one', () => {
  const value = { ...json<Flight>(), internal: { ...json<Flight>(), name: 'plain' } }
  const { nodes, stores } = topology((t) => {
    t.stream('flights', { value })
      .groupBy((flight) => flight?.carrier, { repartition: 'r' })
      .reduce((_, flight) => flight, { name: 'last' })
  })
  const source = nodes.get('r-source')
  expect(source?.kind === 'source' && source.valueSerde.name).toBe('plain')
  expect(stores.get('last')?.valueSerde.name).toBe('plain')
})

test('merged streams that meet in a store must be co-partitioned', () => {
  const plan = topology((t) => {
    t.stream('left').merge(t.stream('right')).groupByKey().count({ name: 'both' })
  })
  expect(plan.coPartitionGroups).toEqual([['left', 'right']])
  const counts = new Map([
    ['left', 4],
    ['right', 3],
  ])
  expect(() => resolvePartitions(plan, counts)).toThrow(/topic left has 4, topic right has 3/)
})

test('a record goes to the first branch that takes it, the rest to the branch named for it', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      const { late, early, rest } = t
        .stream('flights', flights)
        .split(
          { late: ({ delay }) => delay > 15, early: ({ delay }) => delay < 0 },
          { otherwise: 'rest' },
        )
      late.mapValues(({ delay }) => delay).to('late')
      early.to('early')
      rest.to('rest')
    }),
  )
  const late = await run.pipe('flights', 'k', { carrier: null, delay: 16 }, 1)
  expect(shown(late)).toEqual([['late', 'k', 16]])
  const early = await run.pipe('flights', 'k', { carrier: null, delay: -1 }, 1)
  expect(early.map(({ topic }) => topic)).toEqual(['early'])
  const rest = await run.pipe('flights', 'k', { carrier: null, delay: 1 }, 1)
  expect(rest.map(({ topic }) => topic)).toEqual(['rest'])
})

test('null values pass where the source keeps them', async () => {
  const run = await TopologyRun.start(topology((t) => t.stream('in').to('out')))
  expect(shown(await run.pipe('in', 'k', null, 1))).toEqual([['out', 'k', null]])
})

test('serdes follow the stream: what an operator does not change keeps its own', () => {
  const { nodes, stores } = topology((t) => {
    const stream = t.stream('in', { key: number, value: string })
    stream.filter(() => true).to('same')
    stream.mapValues((value) => value?.length).to('mapped')
    stream.selectKey((value) => value).to('rekeyed')
    stream.groupByKey().reduce((_, value) => value, { name: 'last' })
  })
  const serdesOf = (name: string) => {
    const sink = nodes.get(name)
    return sink?.kind === 'sink' ? [sink.keySerde.name, sink.valueSerde.name] : []
  }
  expect(serdesOf('sink-same')).toEqual(['number', 'string'])
  expect(serdesOf('sink-mapped')).toEqual(['number', 'json'])
  expect(serdesOf('sink-rekeyed')).toEqual(['string', 'string'])
  expect(stores.get('last')?.valueSerde.name).toBe('string')
})

test('late records have a topic where one is named, with the serdes of the input', () => {
  const { nodes } = topology((t) => {
    t.stream('in', { key: number, value: string })
      .groupByKey()
      .windowedBy(tumbling({ size: 10 }))
      .count({ name: 'c', late: 'in-late' })
  })
  const node = nodes.get('c')
  expect(node?.kind === 'processor' && node.late).toEqual({
    topic: 'in-late',
    keySerde: number,
    valueSerde: string,
  })
})

test('equal topologies have equal fingerprints, and one more operator another', () => {
  const build = (
    define: (stream: KStream<string | null, unknown>) => KStream<string | null, unknown>,
  ) =>
    topology((t: StreamBuilder) => {
      define(t.stream('in')).groupByKey().count({ name: 'c' })
    })
  const plain = build((stream) => stream)
  expect(fingerprint(plain)).toBe(fingerprint(build((stream) => stream)))
  expect(fingerprint(plain)).not.toBe(fingerprint(build((stream) => stream.filter(() => true))))
})

test('a described topology says what it reads, does and keeps, and why', () => {
  const plan = topology((t) => {
    t.stream('flights', flights)
      .filter((flight) => flight.delay < 1_000)
      .groupBy((flight) => flight.carrier, { repartition: 'by-carrier' })
      .windowedBy(tumbling({ size: '15m', grace: '5m' }))
      .aggregate({
        name: 'per-carrier',
        of: { flights: count(), meanDelay: mean((flight) => flight.delay) },
        late: 'flights-late',
      })
      .to('per-carrier')
  })
  expect(describeTopology(plan).replace(/^Topology \w+/, 'Topology …')).toBe(described)
})

const described = `Topology …

Sub-topology 0
  source-flights    reads flights (string, json) -> dropNullValues-1
  dropNullValues-1  dropNullValues -> filter-1
  filter-1          filter -> groupBy-1
  groupBy-1         groupBy -> by-carrier-keyed
  by-carrier-keyed  dropNullKeys -> by-carrier-sink
  by-carrier-sink   writes repartition by-carrier (string, json)

Sub-topology 1
  by-carrier-source  reads repartition by-carrier (string, json) -> per-carrier
  per-carrier        aggregate (tumbling 15m, grace 5m; flights: count, meanDelay: mean), store per-carrier, late records to flights-late -> sink-per-carrier
  sink-per-carrier   writes per-carrier (windowed(string, 900000ms), json)

Stores
  per-carrier: window (string, json), windows of 15m, kept until 5m after their end, version 1
    topic: <app>-per-carrier-changelog
    why: aggregate keeps one aggregate for each key and window, tumbling 15m, grace 5m

Repartitions
  by-carrier: from sub-topology 0 to 1, as many partitions as its writers
    topic: <app>-by-carrier-repartition
    why: groupBy-1 changed the keys, and per-carrier must find all records of a key in one partition
`

test('stores and repartitions without a name are refused, saying what lacks it', () => {
  const count = (options: object) => () => {
    topology((t) =>
      t
        .stream('in')
        .groupByKey()
        .count(options as never),
    )
  }
  expect(count({})).toThrow(code('MILLRACE_DSL_NAME_REQUIRED'))
  expect(count({})).toThrow('the store of count has no name')
  const grouped = () =>
    topology((t) => {
      t.stream('in')
        .selectKey(() => 'k')
        .groupByKey({} as never)
    })
  expect(grouped).toThrow(/repartition that groupByKey needs because selectKey-1 changed the keys/)
  const aggregate = () =>
    topology((t) => {
      t.stream('in')
        .groupByKey()
        .aggregate(undefined as never)
    })
  expect(aggregate).toThrow(code('MILLRACE_DSL_NAME_REQUIRED'))
})

test('a key that is no string, where nothing was said of keys, names its operator', () => {
  const { nodes } = topology((t) => {
    t.stream('in')
      .selectKey((() => 5) as never)
      .to('out')
  })
  const sink = nodes.get('sink-out')
  const write = () => sink?.kind === 'sink' && sink.keySerde.serialize(5)
  expect(write).toThrow(code('MILLRACE_DSL_SERDE_REQUIRED'))
  expect(write).toThrow(/selectKey-1 made a key that is a number/)
})

test('streams with different serdes need one for both when they merge', () => {
  const merge = (options?: { value: typeof string }) =>
    topology((t) => {
      const texts = t.stream('texts', { value: string })
      texts.merge(t.stream('documents', { value: json<string>() }), options).to('all')
    })
  expect(() => merge()).toThrow(/write their values as string and as json/)
  expect(() => merge({ value: string })).not.toThrow()
})

test('a topology is written at once, and a topic read once', () => {
  const later = (() => Promise.resolve()) as unknown as () => void
  expect(() => topology(later)).toThrow(/asynchronous/)
  let kept: StreamBuilder | undefined
  topology((t) => {
    kept = t
    t.stream('in')
  })
  expect(() => kept?.stream('other')).toThrow(code('MILLRACE_DSL_INVALID'))
  const twice = () => topology((t) => t.stream('in').merge(t.stream('in')).to('out'))
  expect(twice).toThrow(/topic in is read by source-in and by source-in-2/)
})

test('branches need names that keep their order', () => {
  const split = (predicates: object) => () =>
    topology((t) => {
      t.stream('in').split(predicates as { a: () => boolean })
    })
  expect(split({})).toThrow(/no branches/)
  expect(split({ 1: () => true })).toThrow(/is a number/)
})
