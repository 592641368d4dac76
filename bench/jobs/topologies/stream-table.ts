import { json, string, topology } from 'millrace'
import { job, type Order } from './order.ts'

/** Each order with its user's row of a table. */
export default topology((t) => {
  const users = t.table(job.other, { name: 'users', key: string, value: string })
  t.stream(job.input, { key: string, value: json<Order>() })
    .join(users, (order, user) => `${order.id},${user}`, { value: string })
    .to(job.output)
})
