import { json, string } from '@millrace/record'
import { expect, expectTypeOf, test } from 'vitest'
import { type KStream, type KTable, type StreamBuilder, topology } from '../index.ts'

interface Order {
  customer: string | null
  sum: number
}

interface Customer {
  name: string
}

const orders = { value: json<Order>() }
const customers = { value: json<Customer>() }

test('a join of streams takes values that are there, and of a preserved side null', () => {
  expectBuilt((t) => {
    const [left, right] = [t.stream('a', orders), t.stream('b', customers)]
    const inner = left.join(
      right,
      (order, customer, key) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        expectTypeOf(customer).toEqualTypeOf<Customer>()
        expectTypeOf(key).toEqualTypeOf<string>()
        return order.sum
      },
      { name: 'inner', after: '5m' },
    )
    expectTypeOf(inner).toEqualTypeOf<KStream<string | null, number>>()
    const outer = left.outerJoin(
      right,
      (order, customer, key) => {
        expectTypeOf(order).toEqualTypeOf<Order | null>()
        expectTypeOf(customer).toEqualTypeOf<Customer | null>()
        expectTypeOf(key).toEqualTypeOf<string | null>()
        return customer?.name
      },
      { name: 'outer', after: '5m' },
    )
    expectTypeOf(outer).toEqualTypeOf<KStream<string | null, string | null>>()
  })
})

test('a stream joined with a table, or with a global one by a key of its own', () => {
  expectBuilt((t) => {
    const stream = t.stream('a', orders)
    const table = t.table('b', { ...customers, name: 'customers' })
    const global = t.globalTable('c', { ...customers, name: 'all-customers' })
    stream.leftJoin(table, (_order, customer) => {
      expectTypeOf(customer).toEqualTypeOf<Customer | null>()
      return 1
    })
    const named = stream.join(
      global,
      (order, customer) => {
        expectTypeOf(customer).toEqualTypeOf<Customer>()
        return `${order.sum} of ${customer.name}`
      },
      {
        on: (order) => {
          expectTypeOf(order).toEqualTypeOf<Order>()
          return order.customer
        },
      },
    )
    expectTypeOf(named).toEqualTypeOf<KStream<string | null, string>>()
  })
})

test('tables are joined by key, or by the key that a row names', () => {
  expectBuilt((t) => {
    const left = t.table('a', { ...orders, name: 'orders' })
    const right = t.table('b', { ...customers, name: 'customers' })
    expectTypeOf(left).toEqualTypeOf<KTable<string, Order | null>>()
    const byKey = left.leftJoin(right, (order, customer) => {
      expectTypeOf(order).toEqualTypeOf<Order>()
      expectTypeOf(customer).toEqualTypeOf<Customer | null>()
      return order.sum
    })
    expectTypeOf(byKey).toEqualTypeOf<KTable<string, number | null>>()
    const byCustomer = left.join(right, (order, customer) => customer.name.length + order.sum, {
      name: 'named',
      on: (order) => {
        expectTypeOf(order).toEqualTypeOf<Order>()
        return order.customer
      },
    })
    expectTypeOf(byCustomer).toEqualTypeOf<KTable<string, number | null>>()
  })
})

test('what is made of a table knows whether its rows can be deleted', () => {
  expectBuilt((t) => {
    const table = t.table('a', { ...orders, name: 'orders' })
    expectTypeOf(table.filter((order) => order.sum > 1)).toEqualTypeOf<
      KTable<string, Order | null>
    >()
    expectTypeOf(table.mapValues((order) => order.sum)).toEqualTypeOf<
      KTable<string, number | null>
    >()
    const counts = t.stream('b', orders).groupByKey().count({ name: 'counts' })
    expectTypeOf(counts.mapValues(String)).toEqualTypeOf<KTable<string, string>>()
    expectTypeOf(counts.filter((count) => count > 1)).toEqualTypeOf<KTable<string, number | null>>()
    const sums = table
      .groupBy(({ customer, sum }) => ({ key: customer, value: sum }), {
        repartition: 'by-customer',
      })
      .reduce({
        name: 'sums',
        add: (sum, value) => sum + value,
        subtract: (sum, value) => sum - value,
      })
    expectTypeOf(sums).toEqualTypeOf<KTable<string, number>>()
    expectTypeOf(t.stream('c', orders).toTable({ name: 'last' })).toEqualTypeOf<
      KTable<string, Order | null>
    >()
  })
})

test('process() types its stores, its outputs and what is forwarded by their serdes', () => {
  expectBuilt((t) => {
    const { small, large } = t.stream('a', orders).process({
      key: string,
      value: json<number>(),
      stores: { sums: { value: json<number>() } },
      outputs: ['small', 'large'],
      start: ({ stores: { sums }, forward }) => ({
        process({ key, value }) {
          expectTypeOf(value).toEqualTypeOf<Order | null>()
          if (key === null || value === null) return
          expectTypeOf(sums.get(key)).toEqualTypeOf<number | null>()
          // @ts-expect-error a sum is a number
          void (() => forward({ key, value: 'text' }))
          // @ts-expect-error there is no such output
          void (() => forward({ key, value: 1 }, 'medium'))
          forward({ key, value: value.sum }, value.sum > 10 ? 'large' : 'small')
        },
      }),
    })
    expectTypeOf(small).toEqualTypeOf<KStream<string | null, number | null, 'changed'>>()
    expectTypeOf(large).toEqualTypeOf<KStream<string | null, number | null, 'changed'>>()
    const kept = t.stream('b', orders).processValues({
      value: json<number>(),
      start: ({ forward }) => ({ process: ({ value }) => forward({ value: value?.sum ?? null }) }),
    })
    expectTypeOf(kept).toEqualTypeOf<KStream<string | null, number | null>>()
  })
})

function expectBuilt(define: (t: StreamBuilder) => void): void {
  expect(() => topology(define)).not.toThrow()
}
