import { hopping } from '@millrace/time'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFold } from './count.ts'
import { OperatorRun } from './operator-fixture.ts'
import { WindowedAggregate } from './windowed-aggregate.ts'

const windowSpecs = fc.record({
  advance: fc.integer({ min: 1, max: 10 }),
  extra: fc.integer({ min: 0, max: 20 }),
  grace: fc.integer({ min: 0, max: 30 }),
})
const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    at: fc.integer({ min: 0, max: 120 }),
    commits: fc.boolean(),
  }),
  { maxLength: 40 },
)

interface Input {
  readonly key: string
  readonly at: number
  readonly commits: boolean
}

/** Results as a map from key and window to the last count, by the definition of a window. */
function expected(input: readonly Input[], size: number, advance: number, grace: number) {
  const counts = new Map<string, number>()
  let streamTimeMs = -1
  let late = 0
  for (const { key, at } of input) {
    streamTimeMs = Math.max(streamTimeMs, at)
    for (let start = 0; start <= at; start += advance) {
      if (at >= start + size) continue
      if (start + size + grace <= streamTimeMs) late++
      else counts.set(`${key}[${start}]`, (counts.get(`${key}[${start}]`) ?? 0) + 1)
    }
  }
  return { counts, late }
}

test('last results and late records are those of the definition, wherever commits fall', async () => {
  await fc.assert(
    fc.asyncProperty(windowSpecs, inputs, fc.boolean(), async (spec, input, everyUpdate) => {
      const { advance, extra, grace } = spec
      const windows = hopping({ size: advance + extra, advance, grace })
      const run = await OperatorRun.start(
        new WindowedAggregate({
          storeName: 'results',
          windows,
          fold: countFold(),
          emission: { kind: 'updates', everyUpdate },
        }),
        'window',
      )
      const results: string[] = []
      for (const { key, at, commits } of input) {
        run.process(key, 'x', at)
        if (commits) results.push(...(await run.commit()))
      }
      results.push(...(await run.commit()))
      const last = new Map(
        results.map((text) => [text.split('=')[0], Number(/=(\d+)@/.exec(text)?.[1])]),
      )
      const { counts, late } = expected(input, advance + extra, advance, grace)
      expect(last).toEqual(counts)
      expect(run.late).toHaveLength(late)
    }),
    { numRuns: 60 },
  )
})
