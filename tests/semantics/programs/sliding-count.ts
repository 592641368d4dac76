import { json, sliding, topology } from 'millrace'
import type { Program } from './program.ts'

export const slidingCount: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = sliding({
      timeDifference: params.number('timeDifferenceMs'),
      grace: params.number('graceMs'),
    })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', everyUpdate })
        .to('out')
    })
  },
}
