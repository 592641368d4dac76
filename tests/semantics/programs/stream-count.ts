import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const streamCount: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology: (_params, { everyUpdate }) =>
    topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .count({ name: 'counts', everyUpdate })
        .to('out')
    }),
}
