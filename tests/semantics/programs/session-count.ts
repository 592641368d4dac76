import { json, session, topology } from 'millrace'
import type { Program } from './program.ts'

export const sessionCount: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = session({ gap: params.number('gapMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', everyUpdate })
        .to('out')
    })
  },
}
