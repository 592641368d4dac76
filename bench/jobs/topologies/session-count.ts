import { json, session, string, topology } from 'millrace'
import { int64, job, type Order } from './order.ts'

/** The count of each key's sessions, gap five seconds, grace one minute. */
export default topology((t) => {
  t.stream(job.input, { key: string, value: json<Order>() })
    .groupByKey()
    .windowedBy(session({ gap: '5s', grace: '1m' }))
    .count({ name: 'counts', everyUpdate: job.everyUpdate })
    .to(job.output, { value: int64 })
})
