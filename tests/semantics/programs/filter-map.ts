import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const filterMap: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const minValue = params.number('minValue')
    const modulus = params.number('modulus')
    const factor = params.number('factor')
    const addend = params.number('addend')
    return topology((t) => {
      t.stream('in', { value: json<number>() })
        .filter((value): value is number => value !== null && value >= minValue)
        .filterNot((value) => value % modulus === 0)
        .map((value, key) => ({
          key: key === null ? 'none' : `${key}${value % modulus}`,
          value: value * factor + addend,
        }))
        .to('out')
    })
  },
}
