import { type ForeignKeyOptions, json, type KTable, topology } from 'millrace'
import { head } from './pair.ts'
import type { Program } from './program.ts'

type Rows = KTable<string, string | null>
type Options = ForeignKeyOptions<string, string, string, string>

const joined = (left: string, right: string | null) => `${left}+${right}`
const values = { value: json<string>() }

function foreignKeyJoin(join: (left: Rows, right: Rows, options: Options) => Rows): Program {
  return {
    inputs: ['left', 'right'],
    outputs: ['out'],
    topology: () =>
      topology((t) => {
        const left = t.table('left', { name: 'left-rows', ...values })
        const right = t.table('right', { name: 'right-rows', ...values })
        join(left, right, { name: 'joined', on: (value) => head(value) }).to('out')
      }),
  }
}

export const foreignKeyInner = foreignKeyJoin((left, right, options) =>
  left.join(right, joined, options),
)

export const foreignKeyLeft = foreignKeyJoin((left, right, options) =>
  left.leftJoin(right, joined, options),
)
