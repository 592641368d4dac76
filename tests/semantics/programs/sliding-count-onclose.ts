import { json, sliding, topology } from 'millrace'
import type { Program } from './program.ts'

export const slidingCountOnClose: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const windows = sliding({
      timeDifference: params.number('timeDifferenceMs'),
      grace: params.number('graceMs'),
    })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', emit: 'final' })
        .to('out')
    })
  },
}
