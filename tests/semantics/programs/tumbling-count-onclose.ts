import { json, topology, tumbling } from 'millrace'
import type { Program } from './program.ts'

export const tumblingCountOnClose: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const windows = tumbling({ size: params.number('sizeMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', emit: 'final' })
        .to('out')
    })
  },
}
