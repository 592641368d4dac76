// Sliding windows against their definition, wherever commits and restarts fall.

import { json, type Record } from '@millrace/record'
import { sliding } from '@millrace/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { aggregateFold } from '../aggregate/aggregate.ts'
import { isolatedFold } from '../aggregate/isolated-fold.ts'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import type { Emission } from '../emission/emission.ts'
import { SlidingAggregate } from './sliding-aggregate.ts'
import { slidingBucketSerde } from './sliding-bucket-serde.ts'

const specs = fc.record({ difference: fc.nat(10), grace: fc.nat(15) })
const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    // Past the time difference: earlier records share a window.
    at: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 10, max: 45 }) },
      { weight: 1, arbitrary: fc.integer({ min: 10, max: 1e9 }) },
    ),
    next: fc.constantFrom('nothing', 'nothing', 'nothing', 'nothing', 'commit', 'restart'),
  }),
  { maxLength: 30 },
)

interface Spec {
  readonly difference: number
  readonly grace: number
}

interface Input {
  readonly key: string
  readonly at: number
  readonly next: string
}

const changesInPlace = aggregateFold<string, string, string[]>({
  initial: () => [],
  add(records, value) {
    records.push(value)
    return records
  },
})
const trail = isolatedFold(changesInPlace, json())

/** Each window's records, in the order of their coming, and when it closes: by definition. */
function expected(records: readonly Input[], { difference, grace }: Spec) {
  const finals: string[] = []
  const open = new Map<string, string>()
  const accepted: { key: string; at: number; nth: number; closedThrough: number }[] = []
  let streamTimeMs = -1
  const closedAt = () => streamTimeMs - difference - grace - 1
  for (const [nth, { key, at }] of records.entries()) {
    const before = closedAt()
    streamTimeMs = Math.max(streamTimeMs, at)
    const windows = allWindows(accepted, difference).filter(
      ({ start }) => start > before && start <= closedAt(),
    )
    for (const window of windows) finals.push(`${nth}: ${textOf(window)}`)
    if (at > closedAt()) accepted.push({ key, at, nth, closedThrough: closedAt() })
  }
  for (const window of allWindows(accepted, difference)) {
    if (window.start > closedAt()) open.set(`${window.key}[${window.start}]`, textOf(window))
  }
  return { finals, open: [...open.values()].toSorted() }
}

interface Found {
  readonly key: string
  readonly start: number
  readonly records: readonly number[]
}

function allWindows(
  accepted: readonly { key: string; at: number; nth: number; closedThrough: number }[],
  difference: number,
): Found[] {
  const found = new Map<string, Found>()
  for (const { key, at } of accepted) {
    for (const start of [at - difference, at + 1]) {
      const records = accepted
        .filter((it) => it.key === key && it.at >= start && it.at <= start + difference)
        .filter((it) => start > it.closedThrough)
        .map((it) => it.nth)
      if (records.length > 0) found.set(`${key}[${start}]`, { key, start, records })
    }
  }
  return [...found.values()].toSorted(
    (l, r) => l.start - r.start || Buffer.from(l.key).compare(Buffer.from(r.key)),
  )
}

function textOf({ key, start, records }: Found): string {
  return `${key}[${start}]=${records.join(' ')}`
}

async function run(input: readonly Input[], { difference, grace }: Spec, emission: Emission) {
  const windows = sliding({ timeDifference: difference, grace })
  const aggregates = json<string[]>()
  const valueSerde = slidingBucketSerde(aggregates) as never
  const options = { storeName, agendaName: 'due', windows, fold: trail, emission, aggregates }
  const operator = await OperatorRun.of(
    () => new SlidingAggregate(options),
    [resultsStore('window', { valueSerde }), agendaStore('due', 'test')],
  )
  const results: { nth: number; text: string }[] = []
  const collect = (nth: number) => {
    for (const record of operator.records()) results.push({ nth, text: resultText(record) })
  }
  let records = [...input]
  let committed = 0
  for (let nth = 0; nth < records.length; nth++) {
    const { key, at, next } = records[nth] as Input
    operator.process(key, String(nth), at)
    collect(nth)
    if (next === 'nothing') continue
    if (next === 'commit') {
      await operator.commitOnly()
      collect(nth)
      committed = nth + 1
    } else {
      await operator.restart()
      while ((results.at(-1)?.nth ?? -1) >= committed) results.pop()
      records = records.map((it, i) => (i === nth ? { ...it, next: 'commit' } : it))
      nth = committed - 1
    }
  }
  await operator.commitOnly()
  collect(records.length)
  return { operator, results }
}

function resultText({ key, value }: Record<unknown, unknown>): string {
  const { key: bare, window } = key as { key: string; window: { startMs: number } }
  return `${bare}[${window.startMs}]=${(value as string[]).join(' ')}`
}

test('final results are those of the definition, wherever commits and restarts fall', async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, async (spec, input) => {
      const { results } = await run(input, spec, { kind: 'final' })
      const { finals } = expected(input, spec)
      expect(results.map(({ nth, text }) => `${nth}: ${text}`)).toEqual(finals)
    }),
    { numRuns: 200 },
  )
})

test('the window after a record can be the one that ends with the next', async () => {
  const input = [14, 10, 25, 25, 50].map((at) => ({ key: 'b', at, next: 'nothing' }))
  const { results } = await run(input, { difference: 10, grace: 0 }, { kind: 'final' })
  expect(results.map(({ text }) => text)).toContain('b[15]=2 3')
})

test('updates end where the definition does, each of them or the last of a commit', async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, fc.boolean(), async (spec, input, everyUpdate) => {
      const { results } = await run(input, spec, { kind: 'updates', everyUpdate })
      const last = new Map(results.map(({ text }) => [text.split('=')[0], text]))
      const { finals, open } = expected(input, spec)
      const all = [...finals.map((text) => text.slice(text.indexOf(' ') + 1)), ...open]
      expect([...last.values()].toSorted()).toEqual(all.toSorted())
    }),
    { numRuns: 200 },
  )
})

test('closed windows do not stay for ever: memory of a key ends with the time that needs it', async () => {
  await fc.assert(
    fc.asyncProperty(specs, inputs, async (spec, input) => {
      const later = [...input, { key: 'z', at: 2e9, next: 'commit' }]
      const { operator } = await run(later, spec, { kind: 'final' })
      expect((await operator.rows()).every((row) => row.startsWith('z['))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('early results are the same wherever commits and restarts fall', async () => {
  await fc.assert(
    fc.asyncProperty(
      specs,
      inputs,
      fc.integer({ min: 1, max: 30 }),
      async (spec, input, everyMs) => {
        const emission: Emission = { kind: 'early', everyMs }
        const { results } = await run(input, spec, emission)
        const each = await run(
          input.map((it) => ({ ...it, next: 'commit' })),
          spec,
          emission,
        )
        expect(each.results).toEqual(results)
        const { finals } = expected(input, spec)
        const texts = results.map(({ nth, text }) => `${nth}: ${text}`)
        for (const final of finals) expect(texts).toContain(final)
      },
    ),
    { numRuns: 100 },
  )
})
