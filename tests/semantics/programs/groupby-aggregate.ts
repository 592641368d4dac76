import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const groupByAggregate: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params, { everyUpdate }) {
    const joinWith = params.text('joinWith')
    return topology((t) => {
      t.stream('in', { value: json<string>() })
        .groupBy((value) => (value === null ? null : head(value)), { repartition: 'by-group' })
        .aggregate({
          name: 'joined',
          everyUpdate,
          initial: () => '',
          add: (joined, value) => (joined === '' ? tail(value) : joined + joinWith + tail(value)),
        })
        .to('out')
    })
  },
}

/** Of `head:tail`; `-` stands for null. */
function head(value: string): string | null {
  const text = value.slice(0, value.indexOf(':'))
  return text === '-' ? null : text
}

function tail(value: string): string {
  return value.slice(value.indexOf(':') + 1)
}
