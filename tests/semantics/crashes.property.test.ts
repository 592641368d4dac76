import fc from 'fast-check'
import { json, topology, tumbling, type Windowed } from 'millrace'
import { createTestDriver, type OutputRecord, type TopologyTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

// At least once: whatever a crash interrupts, results stand for each record once, and the same
// records are late. (Behind a repartition records may count again; see tests/golden.)

const counted = topology((t) => {
  const grouped = t.stream('in', { value: json<number>() }).groupByKey()
  grouped
    .windowedBy(tumbling({ size: 10, grace: 5 }))
    .aggregate({
      name: 'numbers',
      initial: (): number[] => [],
      add: (numbers, number) => [...numbers, number],
      late: 'late',
    })
    .to('windows')
  grouped
    .reduce((sum, number) => (number % 7 === 0 ? null : sum + number), { name: 'sums' })
    .to('sums')
})

const steps = ['seal', 'flush', 'offsets', 'commit', 'apply', 'publish'] as const

type Action =
  | { readonly kind: 'pipe'; readonly key: string; readonly at: number; readonly partition: number }
  | { readonly kind: 'commit' }
  | {
      readonly kind: 'crash'
      readonly before: (typeof steps)[number] | undefined
      readonly keepState: boolean
    }

const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('pipe' as const),
        key: fc.constantFrom('a', 'b'),
        at: fc.integer({ min: 0, max: 60 }),
        partition: fc.nat(1),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('crash' as const),
        before: fc.option(fc.constantFrom(...steps), { nil: undefined }),
        keepState: fc.boolean(),
      }),
    },
  ),
  { maxLength: 40 },
)

/** Last results, by key and partition, and which records were late. */
async function run(all: readonly Action[]) {
  const partitions = { in: 2, windows: 2, sums: 2, late: 2 }
  await using driver = await createTestDriver(counted, { partitions, commitAfterEachRecord: false })
  const input = driver.input<string, number>('in')
  for (const [number, action] of all.entries()) {
    if (action.kind === 'commit') await driver.commit()
    else if (action.kind === 'pipe') {
      const { key, at, partition } = action
      // A key stays in its partition, as producers see to it.
      await input.pipe(`${key}${partition}`, number, { timestampMs: at, partition })
    } else {
      await driver.crash(action.before === undefined ? {} : { before: action.before })
      await driver.resume({ keepState: action.keepState })
    }
  }
  await driver.commit()
  const windows = driver.output<Windowed<string>, number[]>('windows').readAll()
  const sums = driver.output<string, number>('sums').readAll()
  return {
    windows: new Map(
      windows.map(({ key, value }) => [`${key?.key}@${key?.window.startMs}`, value]),
    ),
    sums: present(sums),
    late: [
      ...new Set(
        driver
          .output('late')
          .readAll()
          .map(({ value }) => value as number),
      ),
    ].toSorted((left, right) => left - right),
    // As the changelog alone has it.
    stored: await restored(driver),
  }
}

async function restored(driver: TopologyTestDriver) {
  await driver.crash()
  await driver.resume({ keepState: false })
  const stores = ['sums', 'numbers'].map((name) => driver.store(name).entries())
  return Promise.all(stores)
}

/** Without the deleted: a row that came and went between two commits sends no tombstone. */
function present(results: readonly OutputRecord<string, number>[]) {
  const last = new Map(results.map(({ key, value, timestampMs }) => [key, { value, timestampMs }]))
  return new Map([...last].filter(([, { value }]) => value !== null))
}

test('a run with crashes ends as the run without them', async () => {
  await fc.assert(
    fc.asyncProperty(actions, async (all) => {
      // The same numbers for the same records: crashes become commits, which change nothing.
      const straight = all.map((action) =>
        action.kind === 'crash' ? ({ kind: 'commit' } as const) : action,
      )
      expect(await run(all)).toEqual(await run(straight))
    }),
    { numRuns: 40 },
  )
})
