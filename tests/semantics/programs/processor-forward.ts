import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const processorForward: Program = {
  inputs: ['in'],
  outputs: ['out-plain', 'out-shifted'],
  topology(params) {
    const shiftMs = params.number('shiftMs')
    return topology((t) => {
      const { plain, shifted } = t.stream('in', { value: json<number>() }).process({
        name: 'sum',
        value: json<number>(),
        stores: { sums: { value: json<number>() } },
        outputs: ['plain', 'shifted'],
        start: ({ stores: { sums }, forward }) => ({
          process({ key, value, timestampMs }) {
            if (key === null) return
            if (value === null) {
              const sum = sums.get(key)
              sums.delete(key)
              return forward({ key, value: sum }, 'plain')
            }
            const sum = (sums.get(key) ?? 0) + value
            sums.put(key, sum)
            if (sum % 2 === 0) forward({ key, value: sum })
            else forward({ key, value: sum, timestampMs: timestampMs + shiftMs }, 'shifted')
          },
        }),
      })
      plain.to('out-plain')
      shifted.to('out-shifted')
    })
  },
}
