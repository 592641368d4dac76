import { json, session, topology } from 'millrace'
import type { Program } from './program.ts'

export const sessionConcat: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const windows = session({ gap: params.number('gapMs'), grace: params.number('graceMs') })
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupByKey()
        .windowedBy(windows)
        .aggregate({
          name: 'joined',
          everyUpdate,
          initial: () => '',
          add: (text, value) => (text === '' ? value : `${text},${value}`),
          merge: (earlier, later) => (earlier === '' ? later : `${earlier}+${later}`),
        })
        .to('out')
    })
  },
}
