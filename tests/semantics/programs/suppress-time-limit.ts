import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const suppressTimeLimit: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const maxRows = params.optionalNumber('maxRecords')
    return topology((t) => {
      t.table('in', { value: json<string>() })
        .suppress({
          name: 'held',
          until: { timeLimit: params.number('waitMs') },
          maxRows,
        })
        .to('out')
    })
  },
}
