import { json, string, topology } from 'millrace'
import { job, type Order } from './order.ts'

/** Each pair of orders of a user that lie within five seconds of each other. */
export default topology((t) => {
  const values = { key: string, value: json<Order>() }
  t.stream(job.input, values)
    .join(t.stream(job.other, values), (left, right) => `${left.id},${right.id}`, {
      name: 'pairs',
      before: '5s',
      after: '5s',
      grace: '1m',
      value: string,
    })
    .to(job.output)
})
