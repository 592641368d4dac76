import { json, string, topology, tumbling } from 'millrace'
import { int64, job, type Order } from './order.ts'

/** The count of each key per minute, grace one minute. */
export default topology((t) => {
  t.stream(job.input, { key: string, value: json<Order>() })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '1m' }))
    .count({ name: 'counts', everyUpdate: job.everyUpdate })
    .to(job.output, { value: int64 })
})
