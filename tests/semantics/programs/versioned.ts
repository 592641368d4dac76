import { json, type KStream, type KTable, type TableJoinOptions, topology } from 'millrace'
import { head, tail } from './pair.ts'
import type { Program } from './program.ts'

type Texts = KStream<string | null, string | null>
type Rows = KTable<string, string | null>

const values = { value: json<string>() }
const joined = (left: string | null, right: string | null) => `${left}+${right}`

function streamVersionedTable(
  join: (stream: Texts, table: Rows, options: TableJoinOptions<string>) => Texts,
): Program {
  return {
    inputs: ['stream', 'table'],
    outputs: ['out'],
    topology(params) {
      const history = params.number('historyRetentionMs')
      const grace = params.optionalNumber('joinGraceMs')
      return topology((t) => {
        const table = t.table('table', { name: 'rows', history, ...values })
        const options = grace === undefined ? {} : { name: 'waiting', grace }
        join(t.stream('stream', values), table, options).to('out')
      })
    },
  }
}

export const streamVersionedTableInner = streamVersionedTable((stream, table, options) =>
  stream.join(table, joined, options),
)

export const streamVersionedTableLeft = streamVersionedTable((stream, table, options) =>
  stream.leftJoin(table, joined, options),
)

export const versionedGroupBySum: Program = {
  inputs: ['in'],
  outputs: ['out', 'out-changes'],
  topology(params, { everyUpdate }) {
    const history = params.number('historyRetentionMs')
    return topology((t) => {
      const table = t.table('in', { name: 'rows', history, ...values })
      table.toStream().to('out-changes')
      table
        .groupBy((value) => ({ key: head(value), value: Number(tail(value)) }), {
          repartition: 'by-group',
        })
        .aggregate({
          name: 'sums',
          everyUpdate,
          initial: () => 0,
          add: (sum, value) => sum + value,
          subtract: (sum, value) => sum - value,
        })
        .to('out')
    })
  },
}

export const versionedTableTable: Program = {
  inputs: ['left', 'right'],
  outputs: ['out'],
  topology(params) {
    const history = { history: params.number('historyRetentionMs') }
    const rightHistory = params.flag('rightVersioned') ? history : {}
    const join = params.text('join')
    return topology((t) => {
      const left = t.table('left', { name: 'left-rows', ...values, ...history })
      const right = t.table('right', { name: 'right-rows', ...values, ...rightHistory })
      const result =
        join === 'inner'
          ? left.join(right, joined)
          : join === 'left'
            ? left.leftJoin(right, joined)
            : left.outerJoin(right, joined)
      result.to('out')
    })
  },
}
