// Final results of time windows against their definition, wherever commits and restarts fall.

import { hopping } from '@millrace/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import type { Emission } from '../emission/emission.ts'
import { aggregateFold } from './aggregate.ts'
import { OperatorRun, resultsStore, storeName } from './operator-fixture.ts'
import { WindowedAggregate } from './windowed-aggregate.ts'

const specs = fc.record({
  advance: fc.integer({ min: 1, max: 10 }),
  extra: fc.integer({ min: 0, max: 20 }),
  grace: fc.integer({ min: 0, max: 30 }),
})
const input = fc.record({
  key: fc.constantFrom('a', 'b', 'é'),
  at: fc.oneof({ weight: 9, arbitrary: fc.nat(120) }, { weight: 1, arbitrary: fc.nat(1e9) }),
  next: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'commit', 'restart'),
})
const inputs = fc.array(input, { maxLength: 40 })

interface Spec {
  readonly advance: number
  readonly extra: number
  readonly grace: number
}

interface Input {
  readonly key: string
  readonly at: number
  readonly next: string
}

const concat = aggregateFold<string, string, string>({
  initial: () => '',
  add: (text, value) => text + value,
})

const bytes = (text: string) => Buffer.from(text)

/** Final results by the definition of a window, in their order; with the record that let them go. */
function expected(records: readonly Input[], { advance, extra, grace }: Spec) {
  const size = advance + extra
  const open = new Map<string, { key: string; start: number; value: string; at: number }>()
  const finals: string[] = []
  let streamTimeMs = -1
  for (const [nth, { key, at }] of records.entries()) {
    streamTimeMs = Math.max(streamTimeMs, at)
    const due = [...open.values()].filter(({ start }) => start + size + grace <= streamTimeMs)
    due.sort((l, r) => l.start - r.start || bytes(l.key).compare(bytes(r.key)))
    for (const it of due) {
      open.delete(`${it.key}[${it.start}]`)
      finals.push(`${nth}: ${it.key}[${it.start}]=${JSON.stringify(it.value)}@${it.at}`)
    }
    const first = Math.max(0, Math.floor((at - size + advance) / advance) * advance)
    for (let start = first; start <= at; start += advance) {
      if (start + size + grace <= streamTimeMs) continue
      const name = `${key}[${start}]`
      const row = open.get(name) ?? { key, start, value: '', at: -1 }
      const value = row.value + String(nth)
      open.set(name, { key, start, value, at: Math.max(row.at, at) })
    }
  }
  return finals
}

async function run(records: readonly Input[], { advance, extra, grace }: Spec, emission: Emission) {
  const windows = hopping({ size: advance + extra, advance, grace })
  const agendaName = 'due'
  const operator = await OperatorRun.of(
    () => new WindowedAggregate({ storeName, windows, fold: concat, emission, agendaName }),
    [resultsStore('window'), agendaStore(agendaName, 'test')],
  )
  const results: string[] = []
  /** Results of a commit that did not happen never went out: from here on they are made again. */
  let committed = 0
  for (let nth = 0; nth < records.length; nth++) {
    const { key, at, next } = records[nth] as Input
    operator.process(key, String(nth), at)
    results.push(...operator.results().map((text) => `${nth}: ${text}`))
    if (next === 'commit') {
      results.push(...(await operator.commit()).map((text) => `commit: ${text}`))
      committed = nth + 1
    } else if (next === 'restart') {
      await operator.restart()
      results.splice(
        0,
        results.length,
        ...results.filter((text) => Number.parseInt(text) < committed),
      )
      records = records.map((it, i) => (i === nth ? { ...it, next: 'commit' } : it))
      nth = committed - 1
    }
  }
  await operator.commit()
  return { operator, results }
}

test('final results are those of the definition, wherever commits and restarts fall', async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, async (spec, records) => {
      const { results } = await run(records, spec, { kind: 'final' })
      expect(results).toEqual(expected(records, spec))
    }),
    { numRuns: 200 },
  )
})

test('a time jump of any size loses nothing: every window of the input is final', async () => {
  await fc.assert(
    fc.asyncProperty(
      specs,
      inputs,
      fc.integer({ min: 200, max: 2 ** 45 }),
      async (spec, some, by) => {
        const records = [...some, { key: 'z', at: 1e9 + by, next: 'nothing' }]
        const { operator, results } = await run(records, spec, { kind: 'final' })
        expect(results).toEqual(expected(records, spec))
        const rows = await operator.rows()
        expect(rows.every((row) => row.startsWith('z['))).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('early results change no final one, and each says what the window held at its tick', async () => {
  await fc.assert(
    fc.asyncProperty(
      specs,
      inputs,
      fc.integer({ min: 1, max: 40 }),
      async (spec, records, everyMs) => {
        const hasFinal = expected(records, spec)
        const { results } = await run(records, spec, { kind: 'early', everyMs })
        const again = await run(
          records.map((it) => ({ ...it, next: 'commit' })),
          spec,
          { kind: 'early', everyMs },
        )
        expect(again.results).toEqual(results)
        for (const final of hasFinal) expect(results).toContain(final)
      },
    ),
    { numRuns: 100 },
  )
})
