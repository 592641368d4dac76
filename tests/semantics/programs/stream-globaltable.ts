import { type GlobalTable, json, type KStream, topology } from 'millrace'
import { head } from './pair.ts'
import type { Program } from './program.ts'

type Texts = KStream<string | null, string | null>

const joined = (value: string, row: string | null) => `${value}+${row}`
const values = { value: json<string>() }
const on = (value: string) => head(value)

function streamGlobalTable(
  join: (stream: Texts, table: GlobalTable<string, string>) => Texts,
): Program {
  return {
    inputs: ['stream', 'global'],
    outputs: ['out'],
    topology: () =>
      topology((t) => {
        const table = t.globalTable('global', { name: 'rows', ...values })
        join(t.stream('stream', values), table).to('out')
      }),
  }
}

export const streamGlobalTableInner = streamGlobalTable((stream, table) =>
  stream.join(table, joined, { on }),
)

export const streamGlobalTableLeft = streamGlobalTable((stream, table) =>
  stream.leftJoin(table, joined, { on }),
)
