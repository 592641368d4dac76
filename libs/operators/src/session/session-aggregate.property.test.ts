// Sessions against their definition, wherever commits and restarts fall.

import { json, string } from '@millrace/record'
import { session } from '@millrace/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { aggregateFold } from '../aggregate/aggregate.ts'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import type { Emission } from '../emission/emission.ts'
import { SessionAggregate } from './session-aggregate.ts'
import { sessionRowSerde } from './session-row-serde.ts'

const specs = fc.record({ gap: fc.integer({ min: 1, max: 12 }), grace: fc.nat(20) })
const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'é'),
    at: fc.oneof({ weight: 9, arbitrary: fc.nat(80) }, { weight: 1, arbitrary: fc.nat(1e9) }),
    next: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'commit', 'restart'),
  }),
  { maxLength: 40 },
)

interface Spec {
  readonly gap: number
  readonly grace: number
}

interface Input {
  readonly key: string
  readonly at: number
  readonly next: string
}

interface Found {
  readonly key: string
  start: number
  end: number
  records: string[]
}

const trail = aggregateFold<string, string, string[]>({
  initial: () => [],
  add: (records, value) => [...records, value],
  merge: (earlier, later) => [...earlier, ...later],
})

/** Records of a session by the definition: each time all open sessions of the key are looked at. */
function expected(records: readonly Input[], { gap, grace }: Spec) {
  let open: Found[] = []
  const finals: string[] = []
  let late = 0
  let streamTimeMs = -1
  for (const [nth, { key, at }] of records.entries()) {
    streamTimeMs = Math.max(streamTimeMs, at)
    const isClosed = (end: number) => streamTimeMs >= end + gap + grace + 1
    const due = open.filter(({ end }) => isClosed(end))
    due.sort(
      (l, r) =>
        l.end - r.end || l.start - r.start || Buffer.from(l.key).compare(Buffer.from(r.key)),
    )
    for (const it of due) finals.push(`${nth}: ${textOf(it)}`)
    open = open.filter(({ end }) => !isClosed(end))
    const near = open.filter((it) => it.key === key && at - gap <= it.end && it.start <= at + gap)
    if (near.length === 0 && isClosed(at)) {
      late++
      continue
    }
    open = open.filter((it) => !near.includes(it))
    const start = Math.min(at, ...near.map((it) => it.start))
    const end = Math.max(at, ...near.map((it) => it.end))
    const all = [...near.flatMap((it) => it.records), String(nth)]
    open.push({ key, start, end, records: all })
  }
  return { finals, late, open: open.map(textOf).toSorted() }
}

function textOf({ key, start, end, records }: Found): string {
  return `${key}[${start},${end}]=${records
    .map(Number)
    .toSorted((l, r) => l - r)
    .join(' ')}`
}

async function run(input: readonly Input[], { gap, grace }: Spec, emission: Emission) {
  const windows = session({ gap, grace })
  const valueSerde = sessionRowSerde(json<string[]>()) as never
  const operator = await OperatorRun.of(
    () => new SessionAggregate({ storeName, agendaName: 'due', windows, fold: trail, emission }),
    [resultsStore('key-value', { keySerde: string, valueSerde }), agendaStore('due', 'test')],
  )
  const results: { nth: number; text: string; value: unknown; headers: unknown }[] = []
  let records = [...input]
  let committed = 0
  const collect = (nth: number) => {
    for (const { key, value, headers } of operator.records()) {
      const { key: bare, window } = key as {
        key: string
        window: { startMs: number; endMs: number }
      }
      const found = { key: bare, start: window.startMs, end: window.endMs }
      const text = textOf({ ...found, records: (value as string[] | null) ?? [] })
      results.push({ nth, text, value, headers })
    }
  }
  let late = 0
  for (let nth = 0; nth < records.length; nth++) {
    const { key, at, next } = records[nth] as Input
    operator.process(key, String(nth), at)
    collect(nth)
    if (next === 'nothing') continue
    if (next === 'commit') {
      await operator.commitOnly()
      collect(nth)
      committed = nth + 1
      late = operator.late.length
    } else {
      await operator.restart()
      operator.late.length = late
      while ((results.at(-1)?.nth ?? -1) >= committed) results.pop()
      records = records.map((it, i) => (i === nth ? { ...it, next: 'commit' } : it))
      nth = committed - 1
    }
  }
  await operator.commitOnly()
  collect(records.length)
  return { operator, results }
}

/** What downstream has in the end: the last result of each window that is not null. */
function standing(results: readonly { text: string; value: unknown }[]): string[] {
  const last = new Map<string, string | null>()
  for (const { text, value } of results) {
    last.set(text.split('=')[0] as string, value === null ? null : text)
  }
  return [...last.values()].filter((text) => text !== null).toSorted()
}

test('final results are those of the definition, wherever commits and restarts fall', async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, async (spec, input) => {
      const { operator, results } = await run(input, spec, { kind: 'final' })
      const { finals, late, open } = expected(input, spec)
      expect(results.map(({ nth, text }) => `${nth}: ${text}`)).toEqual(finals)
      expect(operator.late).toHaveLength(late)
      const keys = new Set(open.map((text) => text.split('[')[0]))
      expect(await operator.rows()).toHaveLength(keys.size)
    }),
    { numRuns: 200 },
  )
})

test('updates end where the definition does, each of them or the last of a commit', async () => {
  const emissions = fc.constantFrom<Emission>(
    { kind: 'updates', everyUpdate: true },
    { kind: 'updates', everyUpdate: false },
  )
  await fc.assert(
    fc.asyncProperty(specs, inputs, emissions, async (spec, input, emission) => {
      const { results } = await run(input, spec, emission)
      const { finals, open } = expected(input, spec)
      const all = [...finals.map((text) => text.slice(text.indexOf(' ') + 1)), ...open]
      expect(standing(results)).toEqual(all.toSorted())
    }),
    { numRuns: 200 },
  )
})

test('early results are the same wherever commits and restarts fall, and end in the final ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      specs,
      inputs,
      fc.integer({ min: 1, max: 30 }),
      async (spec, input, everyMs) => {
        const emission: Emission = { kind: 'early', everyMs }
        const { results } = await run(input, spec, emission)
        const eachCommitted = await run(
          input.map((it) => ({ ...it, next: 'commit' })),
          spec,
          emission,
        )
        expect(eachCommitted.results).toEqual(results)
        const { finals, open } = expected(input, spec)
        const closed = finals.map((text) => text.slice(text.indexOf(' ') + 1))
        const left = standing(results).filter((text) => !closed.includes(text))
        for (const text of closed) expect(standing(results)).toContain(text)
        // What is still open is known as it was at some tick.
        expect(left.length).toBeLessThanOrEqual(open.length)
      },
    ),
    { numRuns: 100 },
  )
})

test("a key's sessions depend on no other key, except through stream time", async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, async (spec, input) => {
      const renamed = input.map((it) => (it.key === 'a' ? it : { ...it, key: 'z' }))
      const emission: Emission = { kind: 'updates', everyUpdate: true }
      const [mixed, alone] = [await run(input, spec, emission), await run(renamed, spec, emission)]
      const ofA = ({ results }: typeof mixed) => results.filter(({ text }) => text.startsWith('a['))
      expect(ofA(mixed)).toEqual(ofA(alone))
    }),
    { numRuns: 100 },
  )
})
