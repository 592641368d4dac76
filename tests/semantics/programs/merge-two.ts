import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const mergeTwo: Program = {
  inputs: ['left', 'right'],
  outputs: ['out'],
  topology(params) {
    const rightOffset = params.number('rightOffset')
    return topology((t) => {
      const left = t.stream('left', { value: json<number>() })
      const right = t.stream('right', { value: json<number>() })
      left
        .mapValues((value) => `L${value}`)
        .merge(right.mapValues((value) => `R${value === null ? 'null' : value + rightOffset}`))
        .to('out')
    })
  },
}
