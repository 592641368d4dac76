import type { Record } from '@millrace/record'
import type { Collector, Processor } from '@millrace/topology'
import { expect, test } from 'vitest'
import { split } from '../branch/split.ts'
import { dropNullKeys, dropNullValues } from './drop-nulls.ts'
import { filter } from './filter.ts'
import { filterNot } from './filter-not.ts'
import { flatMap } from './flat-map.ts'
import { flatMapValues } from './flat-map-values.ts'
import { forEach } from './for-each.ts'
import { map } from './map.ts'
import { mapValues } from './map-values.ts'
import { peek } from './peek.ts'
import { selectKey } from './select-key.ts'

type AnyRecord = Record<unknown, unknown>

const headers = [['trace', Buffer.from('1')]] as const

/** Runs one record through; gives what came out as [key, value] and what was dropped. */
function run(processor: object, key: unknown, value: unknown) {
  const out: unknown[] = []
  const dropped: string[] = []
  const children: number[] = []
  const collector: Collector = {
    release: (_key, _timestampMs, send) => send(),
    forward(record: AnyRecord) {
      expect(record.timestampMs).toBe(7)
      expect(record.headers).toBe(headers)
      out.push([record.key, record.value])
    },
    forwardTo(child) {
      children.push(child)
    },
    late: () => {},
    drop: (_record, reason) => {
      dropped.push(reason)
    },
  }
  ;(processor as Processor).process({ key, value, timestampMs: 7, headers }, collector)
  return { out, dropped, children }
}

test('filter and filterNot divide the records between them', () => {
  const isEven = (value: number) => value % 2 === 0
  expect(run(filter(isEven), 'k', 2).out).toEqual([['k', 2]])
  expect(run(filter(isEven), 'k', 3).out).toEqual([])
  expect(run(filterNot(isEven), 'k', 2).out).toEqual([])
  expect(run(filterNot(isEven), 'k', 3).out).toEqual([['k', 3]])
})

test('functions get the value, the key, and the record with its headers', () => {
  const seen: unknown[] = []
  run(
    peek((...of) => seen.push(...of)),
    'k',
    1,
  )
  expect(seen).toEqual([1, 'k', { key: 'k', value: 1, timestampMs: 7, headers }])
})

test('map, mapValues and selectKey change what they say and keep the rest', () => {
  const mapper = (value: number, key: string) => ({ key: `${key}!`, value: value + 1 })
  expect(run(map(mapper), 'k', 1).out).toEqual([['k!', 2]])
  expect(
    run(
      mapValues((value: number) => value + 1),
      'k',
      1,
    ).out,
  ).toEqual([['k', 2]])
  expect(
    run(
      selectKey((value: number) => value),
      'k',
      1,
    ).out,
  ).toEqual([[1, 1]])
})

test('null values pass through the functions; undefined becomes null', () => {
  expect(
    run(
      mapValues((value) => value),
      'k',
      null,
    ).out,
  ).toEqual([['k', null]])
  expect(
    run(
      mapValues(() => undefined),
      'k',
      1,
    ).out,
  ).toEqual([['k', null]])
  expect(
    run(
      selectKey(() => undefined),
      'k',
      1,
    ).out,
  ).toEqual([[null, 1]])
})

test('flatMap and flatMapValues give any number of records, in order', () => {
  const twice = (value: number) => [value, value * 10]
  expect(run(flatMapValues(twice), 'k', 1).out).toEqual([
    ['k', 1],
    ['k', 10],
  ])
  expect(
    run(
      flatMapValues(() => []),
      'k',
      1,
    ).out,
  ).toEqual([])
  const entries = (value: number) => [
    { key: 'a', value },
    { key: 'b', value },
  ]
  expect(run(flatMap(entries), 'k', 1).out).toEqual([
    ['a', 1],
    ['b', 1],
  ])
})

test('forEach ends the way', () => {
  const taken: number[] = []
  expect(
    run(
      forEach((value: number) => taken.push(value)),
      'k',
      1,
    ).out,
  ).toEqual([])
  expect(taken).toEqual([1])
})

test('a record goes to the first branch that takes it, and to no other', () => {
  const predicates = [(value: number) => value > 10, (value: number) => value > 5]
  const withRest = split({ predicates, hasOtherwise: true })
  expect(run(withRest, 'k', 11).children).toEqual([0])
  expect(run(withRest, 'k', 6).children).toEqual([1])
  expect(run(withRest, 'k', 1).children).toEqual([2])
  expect(run(split({ predicates, hasOtherwise: false }), 'k', 1).children).toEqual([])
})

test('what is left out for being null is counted by reason', () => {
  expect(run(dropNullKeys(), null, 1)).toMatchObject({ out: [], dropped: ['null-key'] })
  expect(run(dropNullKeys(), 'k', null).out).toEqual([['k', null]])
  expect(run(dropNullValues(), 'k', null)).toMatchObject({ out: [], dropped: ['null-value'] })
  expect(run(dropNullValues(), null, 1).out).toEqual([[null, 1]])
})
