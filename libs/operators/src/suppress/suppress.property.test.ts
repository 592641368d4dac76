// A suppression against the rule as it stands in the case set, wherever commits and restarts fall.

import { json, string } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import { Suppress } from './suppress.ts'
import { suppressedSerde } from './suppressed.ts'

const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'é'),
    at: fc.nat(60),
    isDeletion: fc.boolean(),
    next: fc.constantFrom('nothing', 'nothing', 'nothing', 'commit', 'restart'),
  }),
  { maxLength: 40 },
)

interface Input {
  readonly key: string
  readonly at: number
  readonly isDeletion: boolean
  readonly next: string
}

interface Spec {
  readonly limitMs: number
  readonly maxRows: number
}

function expected(input: readonly Input[], { limitMs, maxRows }: Spec): string[] {
  let held: { key: string; bufferTime: number; text: string }[] = []
  const out: string[] = []
  let streamTimeMs = -1
  for (const [nth, { key, at, isDeletion }] of input.entries()) {
    streamTimeMs = Math.max(streamTimeMs, at)
    const text = `${nth}: ${key}=${isDeletion ? 'null' : `"${nth}"`}@${at}`
    const known = held.find((it) => it.key === key)
    if (known) known.text = text.slice(text.indexOf(' ') + 1)
    else held.push({ key, bufferTime: at, text: text.slice(text.indexOf(' ') + 1) })
    held = held.toSorted(
      (l, r) => l.bufferTime - r.bufferTime || Buffer.from(l.key).compare(Buffer.from(r.key)),
    )
    for (;;) {
      const first = held[0]
      const isDue = first !== undefined && first.bufferTime <= streamTimeMs - limitMs
      if (first === undefined || (!isDue && held.length <= maxRows)) break
      out.push(`${nth}: ${first.text}`)
      held.shift()
    }
  }
  return out
}

async function run(input: readonly Input[], { limitMs, maxRows }: Spec): Promise<string[]> {
  const options = {
    storeName,
    agendaName: 'due',
    until: { kind: 'time-limit', limitMs },
    maxRows,
    whenFull: 'emit-early',
    heldMs: limitMs,
  } as const
  const valueSerde = suppressedSerde(json()) as never
  const operator = await OperatorRun.of(
    () => new Suppress(options),
    [resultsStore('key-value', { keySerde: string, valueSerde }), agendaStore('due', 'test')],
  )
  let records = [...input]
  const results: string[] = []
  let committed = 0
  for (let nth = 0; nth < records.length; nth++) {
    const { key, at, isDeletion, next } = records[nth] as Input
    operator.process(key, isDeletion ? null : String(nth), at)
    results.push(...operator.results().map((text) => `${nth}: ${text}`))
    if (next === 'commit') {
      results.push(...(await operator.commit()).map((text) => `commit: ${text}`))
      committed = nth + 1
    } else if (next === 'restart') {
      await operator.restart()
      while (Number.parseInt(results.at(-1) ?? '-1') >= committed) results.pop()
      records = records.map((it, i) => (i === nth ? { ...it, next: 'commit' } : it))
      nth = committed - 1
    }
  }
  return results
}

test('updates are let go by time and by number as the rule says, through commits and restarts', async () => {
  const specs = fc.record({
    limitMs: fc.oneof(fc.nat(40), fc.constant(Number.MAX_SAFE_INTEGER)),
    maxRows: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constant(1_000)),
  })
  await fc.assert(
    fc.asyncProperty(inputs, specs, async (input, spec) => {
      expect(await run(input, spec)).toEqual(expected(input, spec))
    }),
    { numRuns: 300 },
  )
})
