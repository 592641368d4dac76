import { hopping, json, topology } from 'millrace'
import type { Program } from './program.ts'

export const hoppingSum: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = hopping({
      size: params.number('sizeMs'),
      advance: params.number('advanceMs'),
      grace: params.number('graceMs'),
    })
    return topology((t) => {
      t.stream('in', { value: json<number>() })
        .groupByKey()
        .windowedBy(windows)
        .aggregate({
          name: 'sums',
          everyUpdate,
          initial: () => 0,
          add: (sum, value) => sum + value,
        })
        .to('out')
    })
  },
}
