import { hopping, json, topology } from 'millrace'
import type { Program } from './program.ts'

export const hoppingSumOnClose: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
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
          emit: 'final',
          initial: () => 0,
          add: (sum, value) => sum + value,
        })
        .to('out')
    })
  },
}
