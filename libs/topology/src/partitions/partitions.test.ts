import { expect, test } from 'vitest'
import { buildTopology } from '../build/build-topology.ts'
import type { RepartitionSpec } from '../topology.ts'
import {
  processor,
  repartition,
  repartitionSink,
  repartitionSource,
  source,
  store,
} from '../topology-fixture.ts'
import { resolvePartitions } from './partitions.ts'
import { upstreamOf } from './upstream.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })

/** in → first → second, each a repartition; `other` is merged behind the second. */
function chain(first: RepartitionSpec, second: RepartitionSpec, withOther = false) {
  return buildTopology(
    [
      source('in', ['sink-first']),
      repartitionSink('first'),
      repartitionSource('first', ['sink-second']),
      repartitionSink('second'),
      repartitionSource('second', ['count']),
      processor('count', [], { stores: ['s'] }),
      ...(withOther ? [source('other', ['count'])] : []),
    ],
    [store('s')],
    [first, second],
  )
}

test('a repartition has as many partitions as the largest topic of its writer', () => {
  const topology = chain(repartition('first'), repartition('second'))
  const { repartitionCounts, taskCounts } = resolvePartitions(topology, new Map([['in', 6]]))
  expect([...repartitionCounts]).toEqual([
    ['first', 6],
    ['second', 6],
  ])
  expect(taskCounts).toEqual([6, 6, 6])
})

test('a count that was given stands, and carries on downstream', () => {
  const topology = chain(repartition('first', 3), repartition('second'))
  const resolved = resolvePartitions(topology, new Map([['in', 6]]))
  expect(resolved.taskCounts).toEqual([6, 3, 3])
})

test('a repartition that meets an external topic in a store takes its count', () => {
  const topology = chain(repartition('first'), repartition('second'), true)
  const counts = new Map([
    ['in', 6],
    ['other', 4],
  ])
  expect(resolvePartitions(topology, counts).taskCounts).toEqual([6, 6, 4])
})

test('counts that disagree are listed, with what to do about it', () => {
  const topology = chain(repartition('first'), repartition('second', 5), true)
  const resolve = () =>
    resolvePartitions(
      topology,
      new Map([
        ['in', 6],
        ['other', 4],
      ]),
    )
  expect(resolve).toThrow(code('MILLRACE_TOPOLOGY_CO_PARTITION'))
  expect(resolve).toThrow(/topic other has 4, repartition second has 5\. .*repartition\(\)/)
})

test('repartitions that meet in a store take the largest count of their writers', () => {
  const topology = buildTopology(
    [
      source('a', ['sink-ra']),
      source('b', ['sink-rb']),
      repartitionSink('ra'),
      repartitionSink('rb'),
      repartitionSource('ra', ['count']),
      repartitionSource('rb', ['count']),
      processor('count', [], { stores: ['s'] }),
    ],
    [store('s')],
    [repartition('ra'), repartition('rb')],
  )
  const counts = new Map([
    ['a', 2],
    ['b', 8],
  ])
  const { repartitionCounts } = resolvePartitions(topology, counts)
  expect([...repartitionCounts.values()]).toEqual([8, 8])
})

test('a topic that does not exist is named', () => {
  const topology = chain(repartition('first'), repartition('second'))
  const resolve = () => resolvePartitions(topology, new Map())
  expect(resolve).toThrow(code('MILLRACE_KAFKA_TOPIC_MISSING'))
  expect(resolve).toThrow(/topic in,/)
})

test('the writer of a repartition is the sub-topology before it', () => {
  const topology = chain(repartition('first'), repartition('second'))
  expect(upstreamOf(topology, 'first').id).toBe(0)
  expect(upstreamOf(topology, 'second').id).toBe(1)
})
