import { hopping, isMillraceError, json, topology, tumbling, type Windowed } from 'millrace'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { resultsDifference } from './named-difference.ts'
import { observe } from './observe.ts'
import { windowed } from './windows.ts'

/** W: what is in which window, windows that cannot be, and null values. */
export async function windowKinds(it: NamedCase): Promise<string | null> {
  if (it.topology === 'build-time validation') return validated(it)
  if (it.topology.startsWith('window assignment only')) return assigned(it)
  return it.topology.includes(', and ') ? windowedAndRolling(it) : windowed(it)
}

function validated(it: NamedCase): string | null {
  for (const { after, ok } of it.expected) {
    const { size, advance, grace } = it.input[after as number] as { [name: string]: number }
    const isRefused = refuses({ size, advance, grace } as Parameters<typeof hopping>[0])
    if (isRefused === (ok === true)) return `windows ${after}: ${isRefused ? 'refused' : 'taken'}`
  }
  return null
}

function refuses(options: Parameters<typeof hopping>[0]): boolean {
  try {
    hopping(options)
    return false
  } catch (error) {
    if (isMillraceError(error)) return true
    throw error
  }
}

function assigned(it: NamedCase): string | null {
  const [size, advance] = [param(it, 'size', 0), param(it, 'advance', 0)]
  const windows = hopping({ size, advance })
  const observed = windows.assign(it.input[0]?.ts as number).map(({ startMs, endMs }) => {
    return { after: 0, key: [startMs, endMs], value: undefined, ts: 0 }
  })
  const expected = it.expected.map(({ window }) => ({ key: window, value: undefined }))
  return resultsDifference(expected, observed, it.match)
}

/** One rule for null values, in windows and without. */
async function windowedAndRolling(it: NamedCase): Promise<string | null> {
  const rows = { key: json<string>(), value: json<string>() }
  const size = param(it, 'size', 0)
  const inWindows = topology((t) => {
    const grouped = t.stream('in', rows).groupByKey()
    grouped.windowedBy(tumbling({ size })).count({ name: 'counts' }).to('out')
  })
  const rolling = topology((t) => {
    t.stream('in', rows).groupByKey().count({ name: 'counts' }).to('out')
  })
  const flat = ({ key, ...result }: NamedResult) => ({
    ...result,
    key: (key as Windowed<string>).key,
  })
  for (const [op, program] of Object.entries({ windowed: inWindows, rolling })) {
    const { results, dropped } = await observe(program, it.input)
    const observed = op === 'windowed' ? results.map(flat) : results
    const expected = it.expected.filter((one) => one.op === op)
    const difference = resultsDifference(expected, observed, it.match)
    if (difference !== null) return `${op}: ${difference}`
    const left = it.expected.find((one) => one.dropped !== undefined)?.dropped
    if (dropped !== left) return `${op}: ${dropped} dropped, expected ${String(left)}`
  }
  return null
}
