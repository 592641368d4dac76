import { string } from '@millrace/record'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TaskFixture } from '../task-fixture.ts'
import { segmentMsFor } from './past-versions.ts'
import { versionsSerde } from './version.ts'
import { VersionedRows } from './versioned-rows.ts'

const options = (historyMs: number) => ({ storeName: 'latest', historyName: 'past', historyMs })

function stores(historyMs: number) {
  const common = { keySerde: string as never, version: 1, why: 'test' }
  const window = { sizeMs: segmentMsFor(historyMs), graceMs: historyMs }
  return [
    { ...common, name: 'latest', kind: 'key-value', valueSerde: string as never },
    { ...common, name: 'past', kind: 'window', valueSerde: versionsSerde(string) as never, window },
  ] as const
}

/** The definition: every version ever put, by key and timestamp. */
class Model {
  readonly #historyMs: number
  readonly #versions = new Map<string, Map<number, string | null>>()
  #largestMs = -1

  constructor(historyMs: number) {
    this.#historyMs = historyMs
  }

  put(key: string, value: string | null, atMs: number): 'expired' | 'latest' | 'older' {
    this.#largestMs = Math.max(this.#largestMs, atMs)
    if (atMs < this.#largestMs - this.#historyMs) return 'expired'
    const versions = this.#versions.get(key) ?? new Map<number, string | null>()
    const isLatest = atMs >= Math.max(-1, ...versions.keys())
    this.#versions.set(key, versions.set(atMs, value))
    return isLatest ? 'latest' : 'older'
  }

  latest(key: string): string | null {
    const versions = this.#versions.get(key) ?? new Map<number, string | null>()
    return versions.get(Math.max(...versions.keys())) ?? null
  }

  asOf(key: string, atMs: number): string | null {
    const versions = this.#versions.get(key) ?? new Map<number, string | null>()
    const from = Math.max(...[...versions.keys()].filter((fromMs) => fromMs <= atMs))
    const isLatest = from === Math.max(...versions.keys())
    if (atMs < this.#largestMs - this.#historyMs && !isLatest) return null
    return versions.get(from) ?? null
  }
}

const step = fc.record({
  key: fc.constantFrom('a', 'b'),
  value: fc.option(fc.constantFrom('x', 'y', 'z'), { freq: 4 }),
  /** Behind or before the largest so far. */
  byMs: fc.integer({ min: -40, max: 25 }),
  next: fc.constantFrom('none', 'none', 'commit', 'restart'),
})

test('a key has at every time the version that the definition says, through restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 50 }),
      fc.array(step, { maxLength: 40 }),
      async (historyMs, steps) => {
        const task = await TaskFixture.open(stores(historyMs))
        const model = new Model(historyMs)
        let rows = new VersionedRows<string, string>(options(historyMs), task.context)
        let largestMs = 0
        for (const { key, value, byMs, next } of steps) {
          const atMs = Math.max(0, largestMs + byMs)
          largestMs = Math.max(largestMs, atMs)
          expect(rows.put(key, value, atMs).kind).toBe(model.put(key, value, atMs))
          rows.save()
          if (next !== 'none') await task.commit()
          if (next === 'restart') {
            await task.restart()
            rows = new VersionedRows(options(historyMs), task.context)
          }
          for (const asked of ['a', 'b']) {
            expect(rows.row(asked).value).toBe(model.latest(asked))
            for (let asOf = 0; asOf <= largestMs + 2; asOf++) {
              expect([asOf, rows.rowAsOf(asked, asOf).value]).toEqual([
                asOf,
                model.asOf(asked, asOf),
              ])
            }
          }
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('versions that ended before the history leave, and so do deletions', async () => {
  const task = await TaskFixture.open(stores(100))
  const rows = new VersionedRows<string, string>(options(100), task.context)
  for (let atMs = 0; atMs < 1_000; atMs += 10) rows.put('a', `v${atMs}`, atMs)
  rows.put('b', 'gone', 1_000)
  rows.put('b', null, 1_001)
  rows.put('c', 'late enough', 10_000)
  await task.commit()
  expect(rows.row('a').value).toBe('v990')
  expect(rows.row('b').value).toBeNull()
  // The latest versions of a and c.
  expect(await task.storedRows()).toBe(2)
})
