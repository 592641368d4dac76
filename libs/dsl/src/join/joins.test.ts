import { json, number, string } from '@millrace/record'
import { describe, describeMermaid } from '@millrace/topology'
import { expect, test } from 'vitest'
import { type StreamBuilder, topology } from '../index.ts'

const values = { value: json<string>() }
const joined = (left: string | null, right: string | null) => `${left}${right}`
const code = (expected: string) => expect.objectContaining({ code: expected })

const refused: readonly (readonly [what: string, error: string, (t: StreamBuilder) => void])[] = [
  [
    'streams without a name for their rows',
    'MILLRACE_DSL_NAME_REQUIRED',
    (t) => t.stream('a', values).join(t.stream('b', values), joined, {} as never),
  ],
  [
    'a stream whose keys were changed since it was partitioned',
    'MILLRACE_DSL_NAME_REQUIRED',
    (t) => {
      const left = t.stream('a', values).selectKey((value) => value)
      left.join(t.stream('b', values), joined, { name: 'pairs' })
    },
  ],
  [
    'sides that write equal keys differently',
    'MILLRACE_DSL_INVALID',
    (t) => {
      const left = t.stream('a', { key: string, ...values })
      const right = t.table('b', { key: number as never, ...values, name: 'rows' })
      left.join(right, joined)
    },
  ],
  [
    'a window in which nothing can lie',
    'MILLRACE_TIME_WINDOW_INVALID',
    (t) => {
      const within = { name: 'pairs', before: -10, after: 5 }
      t.stream('a', values).join(t.stream('b', values), joined, within)
    },
  ],
  [
    'a table that keeps no rows',
    'MILLRACE_DSL_NAME_REQUIRED',
    (t) => t.stream('a', values).join(t.table('b', values), joined),
  ],
  [
    'tables of which one keeps no rows',
    'MILLRACE_DSL_NAME_REQUIRED',
    (t) => t.table('a', { ...values, name: 'rows' }).join(t.table('b', values), joined),
  ],
  [
    'to wait longer for a table than it remembers',
    'MILLRACE_DSL_INVALID',
    (t) => {
      const table = t.table('b', { ...values, name: 'rows', history: '1m' })
      t.stream('a', values).join(table, joined, { name: 'waiting', grace: '2m' })
    },
  ],
  [
    'a global table without its key',
    'MILLRACE_DSL_INVALID',
    (t) => {
      const table = t.globalTable('b', { ...values, name: 'rows' })
      t.stream('a', values).join(table, joined, {} as never)
    },
  ],
  [
    'a foreign key without a name for its results',
    'MILLRACE_DSL_NAME_REQUIRED',
    (t) => {
      const right = t.table('b', { ...values, name: 'right' })
      const options = { on: (value: string) => value } as never
      t.table('a', { ...values, name: 'left' }).join(right, joined, options)
    },
  ],
]

test.each(refused)('a join refuses %s', (_what, error, define) => {
  expect(() => topology(define)).toThrow(code(error))
})

test('sides of two topologies are refused', () => {
  topology((one) => {
    const right = one.stream('b', values)
    expect(() =>
      topology((other) => {
        const left = other.stream('a', values)
        left.join(right, joined, { name: 'pairs' }).to('out')
      }),
    ).toThrow(code('MILLRACE_DSL_INVALID'))
    right.to('out')
  })
})

test('a join by key brings its topics into one sub-topology, with equal partition counts', () => {
  const built = topology((t) => {
    const right = t.table('right', { ...values, name: 'rows' })
    t.stream('left', values).join(right, joined).to('out')
  })
  expect(built.subTopologies).toHaveLength(1)
  expect(built.coPartitionGroups).toEqual([['left', 'right']])
})

test('a join of streams keeps the rows of both sides, and agendas of preserved sides', () => {
  const storesOf = (join: 'join' | 'leftJoin') => {
    const built = topology((t) => {
      const [left, right] = [t.stream('left', values), t.stream('right', values)]
      const options = { name: 'pairs', after: '1m', late: 'too-late' } as const
      const result =
        join === 'join' ? left.join(right, joined, options) : left.leftJoin(right, joined, options)
      result.to('out')
    })
    return [...built.stores.keys()]
  }
  expect(storesOf('join')).toEqual(['pairs'])
  expect(storesOf('leftJoin')).toEqual(['pairs', 'pairs-left-unmatched'])
})

test('a global table stands in the description of the plan, and belongs to no sub-topology', () => {
  const built = topology((t) => {
    const table = t.globalTable('airports', { ...values, name: 'all-airports' })
    t.stream('flights', values)
      .join(table, joined, { on: (flight) => flight })
      .to('out')
  })
  expect(built.subTopologies[0]?.sourceTopics).toEqual(['flights'])
  expect(describe(built)).toContain('all-airports: topic airports (string, json), read in full')
  expect(describeMermaid(built)).toMatch(/n\d+ -\. global table all-airports \.-> n\d+/)
})

test('a foreign-key join leaves its tables where they are and asks over topics of its own', () => {
  const built = topology((t) => {
    const orders = t.table('orders', { ...values, name: 'order-rows' })
    const customers = t.table('customers', { ...values, name: 'customer-rows' })
    orders.join(customers, joined, { name: 'named', on: (order) => order }).to('out')
  })
  expect(built.coPartitionGroups).toEqual([
    ['named-response', 'orders'],
    ['customers', 'named-subscription'],
  ])
  expect([...built.repartitions.values()].map(({ isRoundTrip }) => isRoundTrip)).toEqual([
    true,
    true,
  ])
})
