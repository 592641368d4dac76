import fc from 'fast-check'
import { json, topology } from 'millrace'
import { createTestDriver, type TopologyTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

const values = { value: json<string>() }
const joined = (left: string | null, right: string | null) => `${left}+${right}`
const foreignKeyOf = (value: string) => (value.startsWith('-') ? null : (value[0] as string))

const update = fc.record({
  topic: fc.constantFrom('left', 'right'),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  // Of the left table the first letter names a row of the right one.
  value: fc.option(
    fc.stringMatching(/^[a-f-][0-9]$/).map((text) => text),
    { freq: 4 },
  ),
  next: fc.constantFrom('none', 'none', 'none', 'crash', 'crash without state'),
})

type Update = typeof update extends fc.Arbitrary<infer T> ? T : never

/** Feeds the updates, crashing where they say so. */
async function feed(driver: TopologyTestDriver, updates: readonly Update[]): Promise<void> {
  for (const [at, { topic, key, value, next }] of updates.entries()) {
    await driver.input<string, string>(topic).pipe(key, value, { timestampMs: at })
    if (next === 'none') continue
    await driver.crash({ before: at % 2 === 0 ? 'apply' : 'flush' })
    await driver.resume({ keepState: next === 'crash' })
  }
}

/** The last value of each key that was written to `out`; deleted ones left out. */
function finals(driver: TopologyTestDriver): Map<string, unknown> {
  const last = new Map<string, unknown>()
  for (const { key, value } of driver.output<string>('out').readAll()) {
    if (value === null) last.delete(key as string)
    else last.set(key as string, value)
  }
  return last
}

function tablesOf(updates: readonly Update[]) {
  const tables = { left: new Map<string, string>(), right: new Map<string, string>() }
  for (const { topic, key, value } of updates) {
    const table = tables[topic]
    if (value === null) table.delete(key)
    else table.set(key, value)
  }
  return tables
}

const byKey = (map: Map<string, unknown>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))

test.each(['inner', 'left'] as const)(
  'a foreign-key %s join of tables with 4 and 3 partitions ends as a batch would, through crashes',
  async (kind) => {
    const program = topology((t) => {
      const left = t.table('left', { name: 'left-rows', ...values })
      const right = t.table('right', { name: 'right-rows', ...values })
      const options = { name: 'joined', on: foreignKeyOf }
      const result =
        kind === 'inner' ? left.join(right, joined, options) : left.leftJoin(right, joined, options)
      result.to('out')
    })
    await fc.assert(
      fc.asyncProperty(fc.array(update, { maxLength: 25 }), async (updates) => {
        await using driver = await createTestDriver(program, { partitions: { left: 4, right: 3 } })
        await feed(driver, updates)
        const { left, right } = tablesOf(updates)
        const expected = new Map<string, unknown>()
        for (const [key, value] of left) {
          const foreignKey = foreignKeyOf(value)
          const row = foreignKey === null ? null : (right.get(foreignKey) ?? null)
          if (row !== null || kind === 'left') expected.set(key, joined(value, row))
        }
        expect(byKey(finals(driver))).toEqual(byKey(expected))
      }),
      { numRuns: 15, endOnFailure: true },
    )
  },
)

test.each(['inner', 'left', 'outer'] as const)(
  'a %s join of tables with 3 partitions ends as a batch would, through crashes',
  async (kind) => {
    const program = topology((t) => {
      const left = t.table('left', { name: 'left-rows', ...values })
      const right = t.table('right', { name: 'right-rows', ...values })
      const result =
        kind === 'inner'
          ? left.join(right, joined)
          : kind === 'left'
            ? left.leftJoin(right, joined)
            : left.outerJoin(right, joined)
      result.to('out')
    })
    await fc.assert(
      fc.asyncProperty(fc.array(update, { maxLength: 25 }), async (updates) => {
        await using driver = await createTestDriver(program, { partitions: { left: 3, right: 3 } })
        await feed(driver, updates)
        const { left, right } = tablesOf(updates)
        const expected = new Map<string, unknown>()
        for (const key of new Set([...left.keys(), ...right.keys()])) {
          const [own, other] = [left.get(key) ?? null, right.get(key) ?? null]
          const isMissing = own === null ? kind !== 'outer' : other === null && kind === 'inner'
          if (!isMissing) expected.set(key, joined(own, other))
        }
        expect(byKey(finals(driver))).toEqual(byKey(expected))
      }),
      { numRuns: 15, endOnFailure: true },
    )
  },
)

test('tables made by aggregations behind repartitions can be joined by a foreign key', async () => {
  const program = topology((t) => {
    const grouped = (topic: 'left' | 'right') =>
      t
        .stream(topic, { ...values, nullValues: 'drop' })
        .groupBy((value) => value, { repartition: `${topic}-by-value` })
        .count({ name: `${topic}-counts` })
    const options = { name: 'joined', on: (_count: number, key: string) => key.slice(0, 1) }
    grouped('left')
      .join(grouped('right'), (left, right) => left + right, options)
      .to('out')
  })
  await using driver = await createTestDriver(program, { partitions: { left: 4, right: 3 } })
  for (const [topic, value] of [
    ['left', 'a1'],
    ['left', 'a2'],
    ['right', 'a'],
    ['left', 'a1'],
    ['right', 'a'],
    ['right', 'b'],
  ] as const) {
    await driver.input<string, string>(topic).pipe(value, value, { timestampMs: 1 })
  }
  expect(byKey(finals(driver))).toEqual([
    ['a1', 4],
    ['a2', 3],
  ])
})

test('an outer join of streams with 3 partitions ends as a batch would, through crashes', async () => {
  const program = topology((t) => {
    const [left, right] = [t.stream('left', values), t.stream('right', values)]
    left.outerJoin(right, joined, { name: 'pairs', before: 3, after: 5, grace: 100 }).to('out')
  })
  await fc.assert(
    fc.asyncProperty(fc.array(update, { maxLength: 25 }), async (updates) => {
      await using driver = await createTestDriver(program, { partitions: { left: 3, right: 3 } })
      await feed(driver, updates)
      // Time moves on in every partition, and closes what waits for a match.
      for (const partition of [0, 1, 2]) {
        const end = { timestampMs: 1_000, partition }
        await driver.input<string, string>('left').pipe(`end${partition}`, null, end)
      }
      const found = driver.output<string, string>('out').readAll()
      const distinct = new Set(found.map(({ key, value }) => `${key} ${value}`))
      expect([...distinct].toSorted()).toEqual(pairsOf(updates))
    }),
    { numRuns: 15, endOnFailure: true },
  )
})

/** What an outer join of everything gives: pairs by key and time, and rows without a partner. */
function pairsOf(updates: readonly Update[]): string[] {
  const rows = updates
    .map((row, at) => ({ ...row, at }))
    .filter(({ value }) => value !== null)
    .map((row) => ({ ...row, isMatched: false }))
  const pairs = new Set<string>()
  for (const left of rows.filter(({ topic }) => topic === 'left')) {
    for (const right of rows.filter(({ topic }) => topic === 'right')) {
      const distance = right.at - left.at
      if (left.key !== right.key || distance < -3 || distance > 5) continue
      left.isMatched = true
      right.isMatched = true
      pairs.add(`${left.key} ${joined(left.value, right.value)}`)
    }
  }
  for (const { topic, key, value, isMatched } of rows) {
    if (isMatched) continue
    pairs.add(`${key} ${topic === 'left' ? joined(value, null) : joined(null, value)}`)
  }
  return [...pairs].toSorted()
}

test('a join by key refuses topics with different partition counts, and names them', async () => {
  const program = topology((t) => {
    const right = t.stream('right', values)
    t.stream('left', values).join(right, joined, { name: 'pairs', after: 10 }).to('out')
  })
  const start = createTestDriver(program, { partitions: { left: 4, right: 3 } })
  await expect(start).rejects.toThrow(/topic left has 4, topic right has 3/)
})

test('a global table is there before the first record, and after a crash', async () => {
  const program = topology((t) => {
    const airports = t.globalTable('airports', { name: 'airports', ...values })
    t.stream('flights', values)
      .join(airports, (flight, airport) => `${flight} at ${airport}`, { on: (flight) => flight })
      .to('out')
  })
  await using driver = await createTestDriver(program, { partitions: { airports: 3, flights: 2 } })
  const airports = driver.input<string, string>('airports')
  const flights = driver.input<string, string>('flights')
  await airports.pipe('ber', 'Berlin', { timestampMs: 1 })
  await flights.pipe('1', 'ber', { timestampMs: 2 })
  await flights.pipe('2', 'muc', { timestampMs: 2 })
  await driver.crash()
  await airports.pipe('muc', 'Munich', { timestampMs: 3 })
  await flights.pipe('3', 'muc', { timestampMs: 3 })
  await driver.resume({ keepState: false })
  const found = driver.output<string, string>('out').readAll()
  expect(found.map(({ value }) => value)).toEqual(['ber at Berlin', 'muc at Munich'])
})
