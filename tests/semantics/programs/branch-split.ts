import { json, type KStream, topology } from 'millrace'
import type { Program } from './program.ts'

export const branchSplit: Program = {
  inputs: ['in'],
  outputs: ['out-big', 'out-multiple', 'out-rest'],
  topology(params) {
    const threshold = params.number('threshold')
    const divisor = params.number('divisor')
    const predicates = {
      big: (value: number | null) => value !== null && value >= threshold,
      multiple: (value: number | null) => value !== null && value % divisor === 0,
    }
    return topology((t) => {
      const input = t.stream('in', { value: json<number>() })
      const branches: Named = params.flag('withDefault')
        ? input.split(predicates, { otherwise: 'rest' })
        : input.split(predicates)
      for (const [name, branch] of Object.entries(branches)) branch.to(`out-${name}`)
    })
  },
}

interface Named {
  readonly [branch: string]: KStream<string | null, number | null>
}
