import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  hopping,
  isMillraceError,
  string,
  type TimeWindows,
  topology,
  type Windowed,
} from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

// Small cases with names, transcribed from Kafka Streams' own tests; ids as in docs and comments.
// W06 and G02 wait for results at a window's close, which the language does not have yet.

interface NamedCase {
  readonly id: string
  readonly name: string
  readonly stance: string
  readonly params: {
    readonly size: number
    readonly advance: number
    readonly grace: number
    readonly agg?: string
    readonly metrics?: { readonly droppedTotal: number }
  }
  readonly input: readonly NamedRecord[]
  readonly expected: readonly NamedResult[]
}

interface NamedRecord {
  readonly key: string
  readonly value: string | null
  readonly ts: number
}

interface NamedResult extends NamedRecord {
  readonly window: readonly [startMs: number, endMs: number]
  readonly op?: string
}

/** Late pairs of record and window where the case does not say; worked out from its input. */
const lateUnstated: { readonly [id: string]: number } = { W05: 0, G04: 1, G05: 0 }

const path = join(import.meta.dirname, 'cases', 'named.json')
const named = new Map<string, NamedCase>(
  (JSON.parse(readFileSync(path, 'utf8')) as NamedCase[]).map((it) => [it.id, it]),
)
const byId = (...ids: string[]) => ids.map((id) => named.get(id) as NamedCase)

function windowsOf({ params: { size, advance, grace } }: NamedCase): TimeWindows {
  return hopping({ size, advance, grace })
}

/** `agg + "+" + value` in windows, every update. */
async function run(it: NamedCase) {
  const initial: string = it.params.agg?.includes('"0"') ? '0' : ''
  const program = topology((t) => {
    t.stream('in', { value: string })
      .groupByKey()
      .windowedBy(windowsOf(it))
      .aggregate({
        name: 'trail',
        everyUpdate: true,
        initial: () => initial,
        add: (sofar, value) => `${sofar}+${value}`,
      })
      .to('out')
  })
  await using driver = await createTestDriver(program)
  const input = driver.input<string, string>('in')
  for (const { key, value, ts } of it.input) await input.pipe(key, value, { timestampMs: ts })
  const results = driver.output<Windowed<string>, string>('out').readAll()
  return {
    late: driver.late().trail ?? 0,
    results: results.map(({ key, value, timestampMs }) => ({
      key: key?.key,
      window: [key?.window.startMs, key?.window.endMs],
      value,
      ts: timestampMs,
    })),
  }
}

test.each(byId('W01', 'W02', 'W03'))('$id $name', async (it) => {
  const { results } = await run(it)
  expect(results.map(({ window }) => ({ window }))).toEqual(it.expected)
})

test.each(byId('W05', 'G01', 'G03', 'G04', 'G05'))('$id $name', async (it) => {
  const { results, late } = await run(it)
  expect(results).toEqual(it.expected)
  expect(late).toBe(it.params.metrics?.droppedTotal ?? lateUnstated[it.id])
})

describe('W04 window-spec-validation', () => {
  const it = named.get('W04') as unknown as {
    readonly input: readonly {
      readonly size: number
      readonly advance: number
      readonly grace: number
    }[]
    readonly expected: readonly { readonly ok?: boolean }[]
  }
  const specs = it.input.map((spec, nth) => ({ ...spec, isValid: it.expected[nth]?.ok === true }))
  test.each(specs)('size $size, advance $advance, grace $grace: $isValid', (spec) => {
    expect(isAccepted(spec)).toBe(spec.isValid)
  })
})

function isAccepted(spec: Parameters<typeof hopping>[0]): boolean {
  try {
    hopping(spec)
    return true
  } catch (error) {
    const codes = ['MILLRACE_TIME_WINDOW_INVALID', 'MILLRACE_TIME_DURATION_INVALID']
    if (isMillraceError(error) && codes.includes(error.code)) return false
    throw error
  }
}

test('W07 null values are left out of every aggregation alike (improved)', async () => {
  const [it] = byId('W07') as [NamedCase]
  const program = topology((t) => {
    const grouped = t.stream('in', { value: string }).groupByKey()
    grouped.windowedBy(windowsOf(it)).count({ name: 'windowed', everyUpdate: true }).to('windows')
    grouped.count({ name: 'rolling', everyUpdate: true }).to('totals')
  })
  await using driver = await createTestDriver(program)
  for (const { key, value, ts } of it.input) {
    await driver.input('in').pipe(key, value, { timestampMs: ts })
  }
  const [windowed, rolling] = it.expected as [NamedResult, NamedResult]
  expect(driver.output('windows').readAll()).toMatchObject([
    {
      key: {
        key: windowed.key,
        window: { startMs: windowed.window[0], endMs: windowed.window[1] },
      },
      value: windowed.value,
      timestampMs: windowed.ts,
    },
  ])
  expect(driver.output('totals').readAll()).toMatchObject([
    { key: rolling.key, value: rolling.value, timestampMs: rolling.ts },
  ])
  expect(driver.dropped()).toEqual({ windowed: { 'null-value': 2 }, rolling: { 'null-value': 2 } })
})

test('X10 a record whose processing throws is passed over, the others go on', async () => {
  const [it] = byId('X10') as [NamedCase]
  const program = topology((t) => {
    t.stream('in', { value: string })
      .peek((_, key) => {
        if (key?.includes('ERR')) throw new Error('as the test wants it')
      })
      .to('out')
  })
  await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
  for (const { key, value, ts } of it.input) {
    await driver.input('in').pipe(key, value, { timestampMs: ts })
  }
  const results = driver.output('out').readAll()
  expect(results.map(({ key, value, timestampMs }) => ({ key, value, ts: timestampMs }))).toEqual(
    it.expected,
  )
  expect(driver.deadLetters()).toHaveLength(2)
})
