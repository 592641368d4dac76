import { json, session, topology } from 'millrace'
import type { Program } from './program.ts'

export const sessionCountOnClose: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const windows = session({ gap: params.number('gapMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .count({ name: 'counts', emit: 'final' })
        .to('out')
    })
  },
}
