import { json, topology, tumbling } from 'millrace'
import type { Program } from './program.ts'

export const suppressTimeLimitWindowed: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const windows = tumbling({ size: params.number('sizeMs'), grace: params.number('graceMs') })
    const maxRows = params.optionalNumber('maxRecords')
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts' })
        .suppress({
          name: 'held',
          until: { timeLimit: params.number('waitMs') },
          maxRows,
        })
        .to('out')
    })
  },
}
