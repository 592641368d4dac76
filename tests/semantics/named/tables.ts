import { json, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { type NamedCase, type NamedResult, param } from './named-case.ts'
import { namedDifference } from './named-difference.ts'
import { observe } from './observe.ts'

const values = { value: json<string>() }

/** A01 to A03: tables grouped by another key. */
export async function tableAggregate(it: NamedCase): Promise<string | null> {
  const { group, ...functions } = groupings[it.id as keyof typeof groupings]
  const program = topology((t) => {
    t.table('in', { name: 'rows', ...values })
      .groupBy((value, key) => group(key, value), { repartition: 'by-group' })
      .aggregate({ name: 'groups', everyUpdate: true, ...functions })
      .to('out')
  })
  return namedDifference(it, await observe(program, it.input))
}

const noted = {
  initial: () => '0',
  add: (aggregate: string, value: string) => `${aggregate}+${value}`,
  subtract: (aggregate: string, value: string) => `${aggregate}-${value}`,
}

const groupings = {
  A01: { group: (key: string, value: string) => ({ key, value }), ...noted },
  A02: {
    group: (key: string, value: string) => ({
      key: key.toLowerCase() === 'null' ? null : value,
      value,
    }),
    ...noted,
  },
  A03: {
    group: (key: string) => ({ key: key.charAt(0), value: key.charAt(1) }),
    initial: () => '',
    add: (aggregate: string, value: string) => aggregate + value,
    subtract: (aggregate: string, value: string) => aggregate.replace(value, ''),
  },
}

/**
 * V: a table that keeps versions, asked through a stream that is joined with it. A version is
 * recognised by where it begins and ends.
 */
export async function versioned(it: NamedCase): Promise<string | null> {
  const history = param(it, 'historyRetention', 0)
  const program = topology((t) => {
    const table = t.table('table', { name: 'rows', history, ...values })
    t.stream('asked', values)
      .leftJoin(table, (_asked, row) => row)
      .to('out')
  })
  await using driver = await createTestDriver(program)
  const table = driver.input<string, string>('table')
  for (const { key, value, ts } of it.input) {
    await table.pipe(key as string, value as string, { timestampMs: ts as number })
  }
  const asked = driver.input<string, string>('asked')
  const answers = driver.output('out')
  const valueAt = async (key: string, timestampMs: number) => {
    await asked.pipe(key, 'asked', { timestampMs })
    return answers.readAll()[0]?.value ?? null
  }
  for (const expected of it.expected) {
    if (expected.expiredTotal !== undefined) {
      const expired = driver.dropped().rows?.expired ?? 0
      if (expired !== expected.expiredTotal) return `expired: ${expired}`
    } else {
      const difference = await versionDifference(expected, valueAt)
      if (difference !== null) return difference
    }
  }
  return null
}

async function versionDifference(
  { get, asOf, value, ts, validTo }: NamedResult,
  valueAt: (key: string, timestampMs: number) => Promise<unknown>,
): Promise<string | null> {
  const key = get as string
  const latestMs = 1_000_000
  const expectations: readonly (readonly [atMs: number, isIt: boolean])[] = [
    [(asOf as number | undefined) ?? latestMs, true],
    ...(ts === undefined
      ? []
      : ([
          [ts, true],
          [ts - 1, false],
        ] as const)),
    ...(typeof validTo === 'number'
      ? ([
          [validTo - 1, true],
          [validTo, false],
        ] as const)
      : []),
  ]
  for (const [atMs, isIt] of expectations) {
    const found = await valueAt(key, atMs)
    if ((found === value) !== isIt) return `${key} at ${atMs} is ${JSON.stringify(found)}`
  }
  return null
}
