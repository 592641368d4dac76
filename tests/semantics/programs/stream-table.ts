import { json, type KStream, type KTable, topology } from 'millrace'
import type { Program } from './program.ts'

type Texts = KStream<string | null, string | null>
type Rows = KTable<string, string | null>

const joined = (value: string, row: string | null) => `${value}+${row}`
const values = { value: json<string>() }

function streamTable(join: (stream: Texts, table: Rows) => Texts): Program {
  return {
    inputs: ['stream', 'table'],
    outputs: ['out'],
    topology: () =>
      topology((t) => {
        const table = t.table('table', { name: 'rows', ...values })
        join(t.stream('stream', values), table).to('out')
      }),
  }
}

export const streamTableInner = streamTable((stream, table) => stream.join(table, joined))
export const streamTableLeft = streamTable((stream, table) => stream.leftJoin(table, joined))
