// Orders with amounts, by customer: the sums go to `out`, and for each order a receipt to `receipts`.

import { json, string, sum, topology } from 'millrace'
import { z } from 'zod'

const Order = z.object({ amount: z.number(), receiptBytes: z.number().optional() })

const { SCENE: scene = 'scene' } = process.env

export default topology((t) => {
  const orders = t.stream(`${scene}-in`, {
    key: string,
    value: json(Order),
    nullValues: 'drop',
    name: 'orders',
  })
  orders
    .filter(({ receiptBytes }) => receiptBytes !== undefined)
    .mapValues(({ receiptBytes = 0 }) => 'x'.repeat(receiptBytes), { value: string })
    .to(`${scene}-receipts`)
  orders
    .groupByKey()
    .aggregate({ name: 'sums', of: { total: sum(({ amount }) => amount) } })
    .toStream()
    .to(`${scene}-out`)
})
