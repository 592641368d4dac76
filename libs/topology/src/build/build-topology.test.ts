import { expect, test } from 'vitest'
import type { Node } from '../node.ts'
import {
  processor,
  repartition,
  repartitionSink,
  repartitionSource,
  sink,
  source,
  store,
} from '../topology-fixture.ts'
import { buildTopology } from './build-topology.ts'
import { internalTopicName } from './names.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

test('nodes that are connected by edges or share a store are one sub-topology', () => {
  const { subTopologies } = buildTopology(
    [
      source('a', ['count-a']),
      source('b', ['count-b']),
      source('c', ['sink-out']),
      processor('count-a', [], { stores: ['shared'] }),
      processor('count-b', [], { stores: ['shared'] }),
      sink('out'),
    ],
    [store('shared')],
  )
  expect(subTopologies).toEqual([
    {
      id: 0,
      nodes: ['source-a', 'source-b', 'count-a', 'count-b'],
      sourceTopics: ['a', 'b'],
      repartitionSources: [],
      repartitionSinks: [],
      stores: ['shared'],
    },
    expect.objectContaining({ id: 1, nodes: ['source-c', 'sink-out'], sourceTopics: ['c'] }),
  ])
})

test('a repartition divides what lies before it from what lies behind', () => {
  const { subTopologies } = buildTopology(
    [
      source('in', ['sink-r']),
      repartitionSink('r'),
      repartitionSource('r', ['count']),
      processor('count'),
    ],
    [],
    [repartition('r')],
  )
  expect(subTopologies).toMatchObject([
    { id: 0, sourceTopics: ['in'], repartitionSinks: ['r'], repartitionSources: [] },
    { id: 1, sourceTopics: [], repartitionSinks: [], repartitionSources: ['r'] },
  ])
})

test('nodes come after all that feed them, sources first, however they were written down', () => {
  const { subTopologies } = buildTopology([
    processor('last'),
    processor('second', ['last']),
    source('b', ['second']),
    processor('first', ['second', 'last']),
    source('a', ['first']),
  ])
  expect(subTopologies[0]?.nodes).toEqual(['source-b', 'source-a', 'first', 'second', 'last'])
})

test('topics whose records meet in one store form a group, also by way of other stores', () => {
  const { coPartitionGroups } = buildTopology(
    [
      source('c', ['two']),
      source('b', ['one', 'two']),
      source('a', ['one']),
      source('alone', ['three']),
      processor('one', [], { stores: ['s1'] }),
      processor('two', [], { stores: ['s2'] }),
      processor('three', [], { stores: ['s3'] }),
    ],
    [store('s1'), store('s2'), store('s3')],
  )
  expect(coPartitionGroups).toEqual([['a', 'b', 'c']])
})

test('topics that only meet in a stateless merge need not be co-partitioned', () => {
  const { coPartitionGroups } = buildTopology([
    source('a', ['sink-out']),
    source('b', ['sink-out']),
    sink('out'),
  ])
  expect(coPartitionGroups).toEqual([])
})

const counted = (name: string) => [source('in', [name]), processor(name)]

test.each<[string, () => unknown, string]>([
  ['a name that no topic can have', () => buildTopology(counted('no/name')), 'NAME_INVALID'],
  ['two nodes of one name', () => buildTopology([...counted('a'), processor('a')]), 'NAME_TAKEN'],
  [
    'two stores of one name',
    () => buildTopology(counted('a'), [store('s'), store('s')]),
    'NAME_TAKEN',
  ],
  ['no nodes', () => buildTopology([]), 'INVALID'],
  ['a child that is not there', () => buildTopology([source('in', ['gone'])]), 'INVALID'],
  ['a node that nothing feeds', () => buildTopology([source('in'), processor('p')]), 'INVALID'],
  ['a store that is not there', () => withStores([]), 'INVALID'],
  ['a store that nobody uses', () => withStores([store('s'), store('t')]), 'INVALID'],
  ['a repartition that is not there', () => withRepartitions(['r']), 'INVALID'],
  [
    'a repartition that nobody writes',
    () => buildTopology(counted('a'), [], [repartition('r')]),
    'INVALID',
  ],
  ['a circle', () => buildTopology(circle), 'INVALID'],
  ['a topic that is read twice', () => buildTopology(twice), 'INVALID'],
])('%s is refused', (_what, build, expected) => {
  expect(build).toThrow(code(`MILLRACE_TOPOLOGY_${expected}`))
})

function withStores(stores: Parameters<typeof buildTopology>[1]) {
  return buildTopology([source('in', ['p']), processor('p', [], { stores: ['s'] })], stores)
}

function withRepartitions(names: readonly string[]) {
  return buildTopology([
    source(
      'in',
      names.map((name) => `sink-${name}`),
    ),
    ...names.map(repartitionSink),
  ])
}

const circle: readonly Node[] = [source('in', ['a']), processor('a', ['b']), processor('b', ['a'])]
const twice: readonly Node[] = [source('in'), { ...source('in'), name: 'other' }]

test('internal topics are named as Kafka Streams names them, and never too long', () => {
  expect(internalTopicName('app', 'per-minute', 'changelog')).toBe('app-per-minute-changelog')
  expect(internalTopicName('app', 'by-key', 'repartition')).toBe('app-by-key-repartition')
  expect(() => internalTopicName('app', 'x'.repeat(240), 'changelog')).toThrow(
    code('MILLRACE_TOPOLOGY_NAME_INVALID'),
  )
})
