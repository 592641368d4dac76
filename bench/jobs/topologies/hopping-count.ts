import { hopping, json, string, topology } from 'millrace'
import { int64, job, type Order } from './order.ts'

/** The count of each key in minutes that begin every 12 seconds: a record is in five windows. */
export default topology((t) => {
  t.stream(job.input, { key: string, value: json<Order>() })
    .groupByKey()
    .windowedBy(hopping({ size: '1m', advance: '12s', grace: '1m' }))
    .count({ name: 'counts', everyUpdate: job.everyUpdate })
    .to(job.output, { value: int64 })
})
