import { json, topology } from 'millrace'
import type { Program } from './program.ts'

export const ktableFilterMapValues: Program = {
  inputs: ['in'],
  outputs: ['out'],
  topology(params) {
    const minValue = params.number('minValue')
    const factor = params.number('factor')
    const name = params.flag('materializeSource') ? { name: 'rows' } : {}
    return topology((t) => {
      t.table('in', { value: json<number>(), ...name })
        .filter((value) => value >= minValue)
        .mapValues((value) => value * factor)
        .toStream()
        .to('out')
    })
  },
}
