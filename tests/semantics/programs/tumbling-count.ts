import { json, topology, tumbling } from 'millrace'
import type { Program } from './program.ts'

export const tumblingCount: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = tumbling({ size: params.number('sizeMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', everyUpdate })
        .to('out')
    })
  },
}
