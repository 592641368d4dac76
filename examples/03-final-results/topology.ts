// Views of a page per minute: one result when the minute is closed, and late views kept in a topic.

import { json, topology, tumbling } from 'millrace'

interface View {
  readonly visitor: string
}

export default topology((t) => {
  t.stream('views', { value: json<View>(), nullValues: 'drop' })
    .groupByKey()
    .windowedBy(tumbling({ size: '1m', grace: '10s' }))
    .count({ name: 'views-per-minute', emit: 'final', late: 'late-views' })
    .to('views-per-minute')
})
