// Against the rule said in one line: within a list of all that has passed, nothing lies nearer than
// `within`. Wherever commits and restarts fall.

import { bytes, number, string } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import { Dedupe } from './dedupe.ts'

interface Input {
  readonly key: string
  readonly id: string
  readonly at: number
  readonly next: string
}

interface Spec {
  readonly withinMs: number
  readonly graceMs: number
}

const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'a\u0000'),
    id: fc.constantFrom('1', '2', '\u00001'),
    at: fc.nat(80),
    next: fc.constantFrom('nothing', 'nothing', 'nothing', 'commit', 'restart'),
  }),
  { maxLength: 60 },
)
const specs = fc.record({ withinMs: fc.integer({ min: 1, max: 30 }), graceMs: fc.nat(40) })

function expected(input: readonly Input[], { withinMs, graceMs }: Spec): string[] {
  const passed: Input[] = []
  let streamTimeMs = -1
  for (const record of input) {
    streamTimeMs = Math.max(streamTimeMs, record.at)
    const endMs = (Math.floor(record.at / withinMs) + 1) * withinMs
    if (endMs + graceMs <= streamTimeMs) continue
    const isLike = (it: Input) => it.key === record.key && it.id === record.id
    const isNear = (it: Input) => Math.abs(it.at - record.at) < withinMs
    if (!passed.some((it) => isLike(it) && isNear(it))) passed.push(record)
  }
  return passed.map(({ key, id, at }) => `${key}/${id}@${at}`)
}

async function run(input: readonly Input[], spec: Spec): Promise<OperatorRun & { out: string[] }> {
  const operator = await OperatorRun.of(
    () => new Dedupe<string, string>({ storeName, ...spec, id: (id) => id, keySerde: string }),
    [
      resultsStore('window', {
        keySerde: bytes,
        valueSerde: number,
        window: { sizeMs: spec.withinMs, graceMs: spec.withinMs + spec.graceMs },
      }),
    ],
  )
  let records = [...input]
  const out: string[][] = []
  let committed = 0
  for (let nth = 0; nth < records.length; nth++) {
    const { key, id, at, next } = records[nth] as Input
    operator.process(key, id, at)
    out[nth] = operator
      .records()
      .map((it) => `${String(it.key)}/${String(it.value)}@${it.timestampMs}`)
    if (next === 'commit') {
      await operator.commitOnly()
      committed = nth + 1
    } else if (next === 'restart') {
      await operator.restart()
      records = records.map((it, i) => (i === nth ? { ...it, next: 'commit' } : it))
      nth = committed - 1
    }
  }
  return Object.assign(operator, { out: out.flat() })
}

test('what passes is what the rule says, through commits and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, specs, async (input, spec) => {
      expect((await run(input, spec)).out).toEqual(expected(input, spec))
    }),
    { numRuns: 400 },
  )
})

test('what is remembered ends: a window leaves when the one behind it is closed', async () => {
  const record = (at: number) => ({ key: 'a', id: '1', at, next: 'commit' })
  const spec = { withinMs: 10, graceMs: 5 }
  const operator = await run([record(3), record(24)], spec)
  expect(await operator.rows()).toHaveLength(2)
  operator.process('a', '1', 25)
  await operator.commitOnly()
  expect(await operator.rows()).toHaveLength(1)
})

test('duplicates, null keys and late records are counted as such', async () => {
  const record = (at: number) => ({ key: 'a', id: '1', at, next: 'nothing' })
  const operator = await run([record(3), record(12), record(13), record(2)], {
    withinMs: 10,
    graceMs: 0,
  })
  operator.process(null, '1', 1_000)
  expect(operator.out).toEqual(['a/1@3', 'a/1@13'])
  expect(operator.dropped).toEqual(['duplicate', 'null-key'])
  expect(operator.late).toEqual([
    { window: { startMs: 0, endMs: 10 }, closesAtMs: 10, streamTimeMs: 13 },
  ])
})
