import { json, topology } from 'millrace'
import { head } from './pair.ts'
import type { Program } from './program.ts'

export const toTable: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const rekey = params.flag('rekey')
    const name = params.flag('materialized') ? { name: 'words' } : {}
    return topology((t) => {
      const input = t.stream('in', { value: json<string>() })
      const table = rekey
        ? input
            .selectKey((value, key) => (value === null ? key : head(value)))
            .toTable({ ...name, repartition: 'by-group' })
        : input.toTable(name)
      table
        .filter((value) => !value.endsWith('3'))
        .toStream()
        .to('out')
    })
  },
}
