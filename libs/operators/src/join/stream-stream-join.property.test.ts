import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type JoinInput, JoinRun, type JoinSettings } from './join-fixture.ts'
import { isPreserved, type JoinSide } from './join-kind.ts'

const settings: fc.Arbitrary<JoinSettings> = fc
  .record({
    kind: fc.constantFrom('inner' as const, 'left' as const, 'outer' as const),
    beforeMs: fc.integer({ min: -5, max: 20 }),
    afterMs: fc.integer({ min: -5, max: 20 }),
    graceMs: fc.integer({ min: 0, max: 30 }),
  })
  .filter(({ beforeMs, afterMs }) => beforeMs + afterMs >= 0)

const input: fc.Arbitrary<JoinInput> = fc.record({
  side: fc.constantFrom('left' as const, 'right' as const),
  key: fc.constantFrom('a', 'b', 'é', null),
  value: fc.option(fc.constantFrom('x', 'y', 'z'), { freq: 6 }),
  timestampMs: fc.integer({ min: 0, max: 120 }),
})

interface ModelRow {
  readonly side: JoinSide
  readonly key: string
  readonly value: string
  readonly timestampMs: number
  readonly arrival: number
  state: 'open' | 'matched' | 'alone'
}

/** The rules of `docs/joins.md`, said once more without buckets, indexes or anything that leaves. */
class Model {
  readonly events: string[] = []
  readonly #settings: JoinSettings
  readonly #rows: ModelRow[] = []
  #streamTimeMs = -1

  constructor(of: JoinSettings) {
    this.#settings = of
  }

  process({ side, key, value, timestampMs }: JoinInput): void {
    this.#streamTimeMs = Math.max(this.#streamTimeMs, timestampMs)
    this.finalise()
    const preserved = isPreserved(this.#settings.kind, side)
    if (value === null) return
    if (key === null) {
      if (preserved) this.#emit(key, side, value, null, timestampMs)
      return
    }
    const row: ModelRow = {
      side,
      key,
      value,
      timestampMs,
      arrival: this.#rows.length,
      state: 'open',
    }
    if (this.#closesAt(row) <= this.#streamTimeMs) {
      this.events.push(`late ${key}=${value}@${timestampMs}`)
      return
    }
    const matches = this.#rows
      .filter((other) => other.side !== side && other.key === key && other.state !== 'alone')
      .filter((other) => this.#isMatch(row, other))
      .toSorted((a, b) => a.timestampMs - b.timestampMs || a.arrival - b.arrival)
    for (const other of matches) {
      row.state = 'matched'
      other.state = 'matched'
      this.#emit(key, side, value, other.value, Math.max(timestampMs, other.timestampMs))
    }
    this.#rows.push(row)
  }

  finalise(streamTimeMs = this.#streamTimeMs): void {
    this.#streamTimeMs = streamTimeMs
    const due = this.#rows
      .filter((row) => isPreserved(this.#settings.kind, row.side) && row.state === 'open')
      .filter((row) => this.#closesAt(row) <= streamTimeMs)
      .toSorted(
        (a, b) =>
          a.timestampMs - b.timestampMs ||
          b.side.localeCompare(a.side) ||
          Buffer.from(a.key).compare(Buffer.from(b.key)) ||
          a.arrival - b.arrival,
      )
    for (const row of due) {
      row.state = 'alone'
      this.#emit(row.key, row.side, row.value, null, row.timestampMs)
    }
  }

  /** What became of each row of a preserved side, late ones left out. */
  states(): readonly string[] {
    return this.#rows
      .filter((row) => isPreserved(this.#settings.kind, row.side))
      .map(({ state }) => state)
  }

  #closesAt({ side, timestampMs }: ModelRow): number {
    const { beforeMs, afterMs, graceMs } = this.#settings
    return timestampMs + Math.max(0, side === 'left' ? afterMs : beforeMs) + graceMs + 1
  }

  #isMatch(row: ModelRow, other: ModelRow): boolean {
    const { beforeMs, afterMs } = this.#settings
    const [left, right] = row.side === 'left' ? [row, other] : [other, row]
    const distanceMs = right.timestampMs - left.timestampMs
    return distanceMs >= -beforeMs && distanceMs <= afterMs
  }

  #emit(key: string | null, side: JoinSide, own: string, other: string | null, atMs: number): void {
    const pair = side === 'left' ? `${own}+${other}` : `${other}+${own}`
    this.events.push(`${key}=${pair}@${atMs}`)
  }
}

const endMs = 10_000

test('a window that ends before the epoch holds nothing: not a row at 0 either', async () => {
  // left@0 wants a right row 1 ms after it; right@0 a left one at -1.
  const run = await JoinRun.start({ kind: 'inner', beforeMs: -1, afterMs: 1, graceMs: 0 })
  for (const side of ['left', 'right'] as const)
    run.process({ side, key: 'a', value: 'x', timestampMs: 0 })
  expect(run.events()).toEqual([])
})

test('a join gives what its rules say, through commits and restarts at any record', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(fc.tuple(input, fc.constantFrom('none', 'commit', 'restart')), { maxLength: 40 }),
      async (of, steps) => {
        const run = await JoinRun.start(of)
        const model = new Model(of)
        for (const [record, then] of steps) {
          run.process(record)
          model.process(record)
          if (then !== 'none') await run.commit()
          if (then === 'restart') await run.restart()
          expect(run.events()).toEqual(model.events.splice(0))
        }
        run.advanceTo(endMs)
        model.finalise(endMs)
        expect(run.events()).toEqual(model.events)
        await run.commit()
        expect(model.states()).not.toContain('open')
      },
    ),
    { numRuns: 300 },
  )
})

test('every row of a preserved side has matches or one result with null, never both', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(input, { maxLength: 60 }), async (of, records) => {
      const run = await JoinRun.start(of)
      // Each value is its own, so that a result tells which rows are in it.
      const named = records
        .map((record, index) => ({ ...record, value: `${record.side}${index}` }))
        .filter(({ key }) => key !== null)
      for (const record of named) run.process(record)
      run.advanceTo(endMs)
      const events = run.events()
      const late = new Set(events.flatMap((event) => /^late .*=(.*)@/.exec(event)?.[1] ?? []))
      const results = events.flatMap((event) => /^[^ ]*=(.*)@/.exec(event)?.[1]?.split('+') ?? [])
      for (const { value, side } of named) {
        const alone = results.filter((name, at) => name === value && pairOf(results, at) === 'null')
        const matches = results.filter(
          (name, at) => name === value && pairOf(results, at) !== 'null',
        )
        const mustHave = isPreserved(of.kind, side) && !late.has(value)
        expect(alone.length).toBe(mustHave && matches.length === 0 ? 1 : 0)
      }
    }),
    { numRuns: 200 },
  )
})

test('the order of records does not matter while none is late', async () => {
  const shuffled = fc
    .array(input, { maxLength: 30 })
    .chain((records) =>
      fc.tuple(
        fc.constant(records),
        fc.shuffledSubarray(records, { minLength: records.length, maxLength: records.length }),
      ),
    )
  await fc.assert(
    fc.asyncProperty(settings, shuffled, async (of, [records, others]) => {
      const patient = { ...of, graceMs: 120 }
      const outcome = async (of: readonly JoinInput[]) => {
        const run = await JoinRun.start(patient)
        for (const record of of) run.process(record)
        run.advanceTo(endMs)
        return run.events().toSorted()
      }
      expect(await outcome(records)).toEqual(await outcome(others))
    }),
    { numRuns: 100 },
  )
})

test('what is past leaves the store', async () => {
  const run = await JoinRun.start({ kind: 'outer', beforeMs: 10, afterMs: 20, graceMs: 5 })
  for (let at = 0; at < 500; at++) {
    run.process({ side: at % 3 === 0 ? 'left' : 'right', key: 'a', value: 'x', timestampMs: at })
    if (at % 50 === 0) await run.commit()
  }
  run.advanceTo(endMs)
  await run.commit()
  expect(await run.storedRows()).toBe(0)
})

function pairOf(results: readonly string[], at: number): string {
  return results[at % 2 === 0 ? at + 1 : at - 1] as string
}
