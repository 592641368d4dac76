// Words are new keys: they pass through a repartition topic, so that equal words meet.

import { string, topology } from 'millrace'

export default topology((t) => {
  t.stream('lines', { value: string, nullValues: 'drop' })
    .flatMap((line) => line.split(' ').map((word) => ({ key: word, value: 1 })))
    .groupByKey({ repartition: 'by-word' })
    .count({ name: 'word-counts' })
    .to('word-counts')
})
