import fc from 'fast-check'
import { hopping, json, topology, type Windowed } from 'millrace'
import {
  createTestDriver,
  type OutputRecord,
  type TestDriverOptions,
  type TopologyTestDriver,
} from 'millrace/testing'
import { describe, expect, test } from 'vitest'

// The law: a record that is dead-lettered, or skipped, leaves state and results as if it had never
// been there, wherever its processing threw, and whatever it had done by then.

/** Where a record throws; `none`: it does not. */
const poisons = [
  'none',
  // Before anything was touched.
  'first',
  // After a result of it was sent to another topic.
  'after-sending',
  // In the second of its four windows, after the first was changed in place.
  'second-window',
  // In the result that leaves at the commit.
  'at-commit',
  // Behind the repartition.
  'downstream',
  // A result that its topic does not let in.
  'too-large',
] as const

interface Event {
  readonly number: number
  readonly poison: (typeof poisons)[number]
}

interface Numbers {
  readonly seen: number[]
  isPoisoned: boolean
}

const program = topology((t) => {
  let windowsOfRecord = 0
  const events = t.stream('in', { value: json<Event>(), nullValues: 'drop' }).peek(({ poison }) => {
    windowsOfRecord = 0
    if (poison === 'first') throw new Error('at the first function')
  })
  events
    .mapValues(({ number, poison }) => (poison === 'too-large' ? 'x'.repeat(900) : String(number)))
    .to('copies')
  events
    .peek(({ poison }) => {
      if (poison === 'after-sending') throw new Error('after a result')
    })
    .groupByKey()
    .windowedBy(hopping({ size: 20, advance: 5, grace: 10 }))
    .aggregate({
      name: 'numbers',
      late: 'late',
      initial: (): Numbers => ({ seen: [], isPoisoned: false }),
      add(numbers, { number, poison }) {
        numbers.seen.push(number)
        if (poison === 'second-window' && ++windowsOfRecord === 2) throw new Error('in a window')
        if (poison === 'at-commit') numbers.isPoisoned = true
        return numbers
      },
      result({ seen, isPoisoned }) {
        if (isPoisoned) throw new Error('as a result')
        return seen
      },
    })
    .to('windows')
  events
    .selectKey(({ number }) => `k${number % 2}`)
    .repartition({ name: 'by-parity' })
    .mapValues(({ number, poison }) => {
      if (poison === 'downstream') throw new Error('downstream')
      return number
    })
    .groupByKey()
    .reduce((sum, number) => sum + number, { name: 'sums' })
    .to('sums')
})

interface Fed {
  readonly key: string
  readonly timestampMs: number
  readonly event: Event
}

const feeds: fc.Arbitrary<readonly Fed[]> = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    timestampMs: fc.integer({ min: 20, max: 120 }),
    event: fc.record({
      number: fc.nat(99),
      poison: fc.oneof(
        { weight: 3, arbitrary: fc.constant('none' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...poisons) },
      ),
    }),
  }),
  { maxLength: 25 },
)

const topicConfigs = { copies: { 'max.message.bytes': '800' } }

interface Outcome {
  /** Offsets in the input of the records that failed. */
  readonly failed: ReadonlySet<number>
  readonly copies: readonly unknown[]
  readonly late: readonly unknown[]
  readonly windows: ReadonlyMap<string, unknown>
  readonly sums: ReadonlyMap<string, unknown>
}

async function run(fed: readonly Fed[], options: TestDriverOptions): Promise<Outcome> {
  await using driver = await createTestDriver(program, { topicConfigs, ...options })
  const input = driver.input<string, Event>('in')
  for (const { key, timestampMs, event } of fed) await input.pipe(key, event, { timestampMs })
  await driver.commit()
  const letters = driver.deadLetters().filter(({ topic }) => topic === 'in')
  return {
    failed: new Set(letters.map(({ offset }) => offset)),
    copies: withoutPlace(driver.output('copies').readAll()),
    late: withoutPlace(driver.output('late').readAll()),
    windows: lastOf(driver, 'windows', windowName),
    sums: lastOf(driver, 'sums', String),
  }
}

function windowName(windowed: unknown): string {
  const { key, window } = windowed as Windowed<string>
  return `${key}@${window.startMs}`
}

/** Offsets, which late records carry in headers, count the records that failed. */
function withoutPlace(records: readonly OutputRecord<unknown, unknown>[]): readonly unknown[] {
  return records.map(({ key, value, timestampMs }) => ({ key, value, timestampMs }))
}

function lastOf(
  driver: TopologyTestDriver,
  topic: string,
  name: (key: unknown) => string,
): ReadonlyMap<string, unknown> {
  const all = driver.output(topic).readAll()
  return new Map(all.map(({ key, value, timestampMs }) => [name(key), { value, timestampMs }]))
}

/** What is left of a feed without the records that fail in it. */
async function without(fed: readonly Fed[], commitAfterEachRecord: boolean) {
  const { failed } = await run(fed, { deadLetterTopic: 'dead', commitAfterEachRecord })
  const left = fed.filter((_, offset) => !failed.has(offset))
  return { failed, left }
}

const policies: readonly TestDriverOptions[] = [
  { deadLetterTopic: 'dead' },
  { onProcessingError: 'skip', onProductionError: 'skip' },
]

describe.each(policies)('with %j', (policy) => {
  test('records that fail leave results and state as if they had never been there', async () => {
    await fc.assert(
      fc.asyncProperty(feeds, async (fed) => {
        const { left } = await without(fed, true)
        const { failed: _, ...actual } = await run(fed, policy)
        expect(actual).toEqual(await withoutFailures(left, policy))
      }),
      { numRuns: 40 },
    )
  })

  // Behind a repartition at-least-once counts again what is read again: exactly-once is proven in
  // tests/simulation.
  test('records that fail in a commit with others leave the last results so', async () => {
    await fc.assert(
      fc.asyncProperty(feeds, async (fed) => {
        const { left } = await without(fed, false)
        const many = { ...policy, commitAfterEachRecord: false }
        const { windows } = await run(fed, many)
        expect(windows).toEqual((await withoutFailures(left, many)).windows)
      }),
      { numRuns: 40 },
    )
  })
})

async function withoutFailures(left: readonly Fed[], policy: TestDriverOptions) {
  const { failed, ...expected } = await run(left, policy)
  expect(failed).toEqual(new Set())
  return expected
}

test('a record that was passed over is not blamed when the commit with it fails', async () => {
  const poisons = ['none', 'none', 'none', 'none', 'at-commit', 'second-window'] as const
  const fed = poisons.map((poison, number): Fed => {
    return { key: 'a', timestampMs: 100 + number, event: { number, poison } }
  })
  const { failed } = await run(fed, { deadLetterTopic: 'dead', commitAfterEachRecord: false })
  expect(failed).toEqual(new Set([4, 5]))
})

test('the records that fail are those with a poison', async () => {
  const always = new Set(['first', 'after-sending', 'too-large'])
  const never = new Set(['none', 'downstream'])
  await fc.assert(
    fc.asyncProperty(feeds, fc.boolean(), async (fed, commitAfterEachRecord) => {
      const { failed } = await without(fed, commitAfterEachRecord)
      const offsetsOf = (poisons: ReadonlySet<string>): readonly number[] =>
        fed.flatMap(({ event }, offset) => (poisons.has(event.poison) ? [offset] : []))
      expect([...failed]).toEqual(expect.arrayContaining([...offsetsOf(always)]))
      expect(offsetsOf(never).filter((offset) => failed.has(offset))).toEqual([])
    }),
    { numRuns: 40 },
  )
})
