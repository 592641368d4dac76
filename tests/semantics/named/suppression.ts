import { json, type KTable, type StreamBuilder, topology } from 'millrace'
import { type NamedCase, param } from './named-case.ts'
import { namedDifference } from './named-difference.ts'
import { observe } from './observe.ts'
import { windowed } from './windows.ts'

const serdes = { key: json<string>(), value: json<string>() }

/** S: until windows close, for a time, for a number of rows. */
export async function suppression(it: NamedCase): Promise<string | null> {
  if (it.params.suppress === 'untilWindowCloses') return windowed(it)
  const limit = param<number | string>(it, 'timeLimit', 0)
  const timeLimit = limit === 'max' ? Number.MAX_SAFE_INTEGER : Number(limit)
  const maxRows = param<number | undefined>(it, 'maxRecords', undefined)
  const program = topology((t) => {
    counted(t, it.topology).suppress({ name: 'held', until: { timeLimit }, maxRows }).to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}

function counted(t: StreamBuilder, text: string): KTable<string, number> {
  const options = { name: 'counts', everyUpdate: true }
  if (!text.startsWith('table')) return t.stream('in', serdes).groupByKey().count(options)
  return t
    .table('in', { ...serdes, name: 'rows' })
    .groupBy((value) => ({ key: value, value }), { repartition: 'by-value' })
    .count(options)
}
