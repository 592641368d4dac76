import { json, topology, tumbling } from 'millrace'
import type { Program } from './program.ts'

export const tumblingReduceMax: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = tumbling({ size: params.number('sizeMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<number>() })
        .groupByKey()
        .windowedBy(windows)
        .reduce((largest, value) => Math.max(largest, value), { name: 'largest', everyUpdate })
        .to('out')
    })
  },
}
