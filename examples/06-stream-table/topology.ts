// Orders with what is known of the customer when they come.

import { json, topology } from 'millrace'

interface Order {
  readonly amount: number
}

interface Customer {
  readonly name: string
  readonly city: string
}

export default topology((t) => {
  const customers = t.table('customers', { name: 'customers', value: json<Customer>() })
  t.stream('orders', { value: json<Order>(), nullValues: 'drop' })
    .leftJoin(customers, ({ amount }, customer) => ({
      amount,
      name: customer?.name ?? 'unknown',
      city: customer?.city ?? 'unknown',
    }))
    .to('orders-with-customers')
})
