import { json, type KTable, type Topology, topology } from 'millrace'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { namedDifference, resultsDifference, withSteps } from './named-difference.ts'
import { observe } from './observe.ts'

/** Keys of the cases are numbers or texts. */
type Key = string | number
type Text = string | null

const serdes = { key: json<Key>(), value: json<string>() }
const rows = (name: string, history: boolean) => ({
  ...serdes,
  name,
  ...(history && { history: 300_000 }),
})

/** J: streams with streams. A case without a right topic joins the left one with itself. */
export async function streamStream(it: NamedCase): Promise<string | null> {
  const isSelf = it.input.every(({ topic }) => topic === 'left')
  const sign = param(it, 'joiner', '').includes('"-"') ? '-' : '+'
  const joined = (left: Text, right: Text) => `${left}${sign}${right}`
  const windows = {
    before: param(it, 'before', 0),
    after: param(it, 'after', 0),
    grace: param(it, 'grace', 0),
  }
  const program = topology((t) => {
    const left = t.stream('left', serdes)
    const right = isSelf ? left : t.stream('right', serdes)
    const options = { name: 'pairs', ...windows }
    const type = param(it, 'type', 'inner')
    const result =
      type === 'inner'
        ? left.join(right, joined, options)
        : type === 'left'
          ? left.leftJoin(right, joined, options)
          : left.outerJoin(right, joined, options)
    result.to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}

/** K: a stream with a table. */
export async function streamTable(it: NamedCase): Promise<string | null> {
  const joined = (value: string, row: Text) => `${value}-${row}`
  const grace = param<number | undefined>(it, 'grace', undefined)
  const program = topology((t) => {
    const table = t.table('right', rows('rows', it.params.table === 'versioned'))
    const stream = t.stream('left', serdes)
    const options = grace === undefined ? {} : { name: 'waiting', grace }
    const result =
      it.params.type === 'inner'
        ? stream.join(table, joined, options)
        : stream.leftJoin(table, joined, options)
    result.to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}

/** T: tables by their key. */
export async function tableTable(it: NamedCase): Promise<string | null> {
  const joined = (left: Text, right: Text) => `${left}-${right}`
  const program = topology((t) => {
    const left = t.table('left', rows('left-rows', it.params.left === 'versioned'))
    const right = t.table('right', rows('right-rows', it.params.right === 'versioned'))
    const result =
      it.params.type === 'inner'
        ? left.join(right, joined)
        : it.params.type === 'left'
          ? left.leftJoin(right, joined)
          : left.outerJoin(right, joined)
    result.to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}

/** F: tables by a foreign key; some cases say what they expect of each type of join. */
export async function foreignKey(it: NamedCase): Promise<string | null> {
  const types = param(it, 'type', 'inner').split(' and ') as ('inner' | 'left')[]
  for (const type of types) {
    const difference = namedDifference(it, await observe(foreignKeyJoin(it, type), it.input))
    if (difference !== null) return `${type}: ${difference}`
  }
  const { leftJoin, ifLeftUnversioned } = it.also ?? {}
  const unversioned = { ...it, params: { ...it.params, left: 'unversioned' } }
  return (
    (await otherwise(it, leftJoin, foreignKeyJoin(it, 'left'))) ??
    (await otherwise(it, ifLeftUnversioned, foreignKeyJoin(unversioned, 'inner')))
  )
}

/** What the case expects of another topology, where it lists that step by step. */
async function otherwise(
  it: NamedCase,
  others: unknown,
  program: Topology,
): Promise<string | null> {
  if (!Array.isArray(others) || typeof others[0] !== 'object') return null
  const { results } = await observe(program, it.input)
  return resultsDifference(withSteps(it.expected, others as NamedResult[]), results, it.match)
}

function foreignKeyJoin(it: NamedCase, type: 'inner' | 'left'): Topology {
  // Either the whole value is the key, or what stands behind the bar.
  const isWhole = it.params.joiner !== undefined
  const on = (value: string) => {
    const key = isWhole ? value : (value.split('|')[1] as string)
    return key === '-' || key === 'returnNull' ? null : key
  }
  const joined = (left: string, right: Text) =>
    isWhole ? `${left}|${right}` : `(${left},${right})`
  return topology((t) => {
    const left = t.table('left', rows('left-rows', it.params.left === 'versioned'))
    const right: KTable<Key, Text> = t.table('right', rows('right-rows', false))
    const options = { name: 'joined', on }
    const result =
      type === 'inner' ? left.join(right, joined, options) : left.leftJoin(right, joined, options)
    result.to('out')
  })
}
