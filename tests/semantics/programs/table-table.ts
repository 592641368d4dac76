import { json, type KTable, topology } from 'millrace'
import type { Program } from './program.ts'

type Rows = KTable<string, string | null>

const joined = (left: string | null, right: string | null) => `${left}+${right}`
const values = { value: json<string>() }

function tableTable(join: (left: Rows, right: Rows) => Rows): Program {
  return {
    inputs: ['left', 'right'],
    outputs: ['out'],
    topology: () =>
      topology((t) => {
        const left = t.table('left', { name: 'left-rows', ...values })
        const right = t.table('right', { name: 'right-rows', ...values })
        join(left, right).to('out')
      }),
  }
}

export const tableTableInner = tableTable((left, right) => left.join(right, joined))
export const tableTableLeft = tableTable((left, right) => left.leftJoin(right, joined))
export const tableTableOuter = tableTable((left, right) => left.outerJoin(right, joined))
