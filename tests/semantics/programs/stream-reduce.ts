import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const streamReduce: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const resetValue = params.number('resetValue')
    return topology((t) => {
      t.stream('in', { value: json<number>() })
        .groupByKey()
        .reduce((sum, value) => (value === resetValue ? null : sum + value), {
          name: 'sums',
          everyUpdate,
        })
        .to('out')
    })
  },
}
