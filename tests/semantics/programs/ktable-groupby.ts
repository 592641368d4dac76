import { type GroupedTable, json, type KTable, topology } from 'millrace'
import { head, tail } from './pair.ts'
import type { Program } from './program.ts'

interface Options {
  readonly name: string
  readonly everyUpdate: boolean
}

type Grouped = GroupedTable<string, number>

function grouping(
  aggregate: (grouped: Grouped, options: Options) => KTable<string, number | null>,
): Program {
  return {
    inputs: ['in'],
    outputs: ['out'],
    topology: (_params, { everyUpdate }) =>
      topology((t) => {
        const grouped = t
          .table('in', { name: 'rows', value: json<string>() })
          .groupBy((value) => ({ key: head(value), value: Number(tail(value)) }), {
            repartition: 'by-group',
          })
        aggregate(grouped, { name: 'groups', everyUpdate }).to('out')
      }),
  }
}

export const ktableGroupByCount = grouping((grouped, options) => grouped.count(options))

export const ktableGroupBySum = grouping((grouped, options) =>
  grouped.aggregate({
    ...options,
    initial: () => 0,
    add: (sum, value) => sum + value,
    subtract: (sum, value) => sum - value,
  }),
)

export const ktableGroupByReduce = grouping((grouped, options) =>
  grouped.reduce({
    ...options,
    add: (sum, value) => sum + value,
    subtract: (sum, value) => (sum - value === 0 ? null : sum - value),
  }),
)
