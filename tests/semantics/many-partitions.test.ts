import fc from 'fast-check'
import { string, topology, tumbling, type Windowed } from 'millrace'
import { createTestDriver, type TopologyTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

// Laws of many partitions, where Kafka Streams' test driver has one: time crosses a repartition as
// the minimum over the tasks upstream, so no order of reading makes a record late.

const minuteMs = 60_000
const partitions = { in: 4, out: 4 }

/** Windows close at their very end: whatever comes out of order by a minute would be late. */
const wordsPerMinute = topology((t) => {
  t.stream('in', { value: string, nullValues: 'drop' })
    .groupBy((word) => word, { repartition: 'by-word' })
    .windowedBy(tumbling({ size: '1m', grace: 0 }))
    .count({ name: 'counts' })
    .to('out')
})

interface Input {
  readonly partition: number
  readonly word: string
  readonly timestampMs: number
}

function batch(inputs: readonly Input[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { word, timestampMs } of inputs) {
    const name = `${word}@${Math.floor(timestampMs / minuteMs) * minuteMs}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function finals(driver: TopologyTestDriver): Map<string, number> {
  const results = driver.output<Windowed<string>, number>('out').readAll()
  return new Map(
    results.map(({ key, value }) => [`${key?.key}@${key?.window.startMs}`, value as number]),
  )
}

async function pipe(driver: TopologyTestDriver, inputs: readonly Input[]): Promise<void> {
  const topic = driver.input<string, string>('in')
  for (const { word, ...options } of inputs) await topic.pipe(null, word, options)
}

const hour: readonly Input[] = Array.from({ length: 75 }, (_, minute) =>
  [0, 1, 2, 3].map((partition) => ({
    partition,
    word: `w${(minute * 7 + partition) % 5}`,
    timestampMs: minute * minuteMs + partition * 10_000,
  })),
).flat()

describe('the skew law', () => {
  test('one of four partitions held back for more than an hour of event time: same finals, none late', async () => {
    await using driver = await createTestDriver(wordsPerMinute, { partitions })
    driver.hold('in', 3)
    await pipe(driver, hour)
    await driver.release('in', 3)
    expect(driver.late()).toEqual({})
    expect(finals(driver)).toEqual(batch(hour))
  })

  test('the same through a crash without local state in the middle of it', async () => {
    await using driver = await createTestDriver(wordsPerMinute, { partitions })
    driver.hold('in', 3)
    await pipe(driver, hour.slice(0, 200))
    await driver.crash()
    await driver.resume({ keepState: false })
    await pipe(driver, hour.slice(200))
    await driver.release('in', 3)
    expect(driver.late()).toEqual({})
    expect(finals(driver)).toEqual(batch(hour))
  })

  test('one task that reads all partitions would have called them late', async () => {
    await using driver = await createTestDriver(wordsPerMinute)
    const held = hour.filter(({ partition }) => partition === 3)
    const others = hour.filter(({ partition }) => partition !== 3)
    await pipe(
      driver,
      [...others, ...held].map((input) => ({ ...input, partition: 0 })),
    )
    expect(driver.late()).not.toEqual({})
  })
})

const perPartition = fc.array(
  fc.record({
    word: fc.constantFrom('a', 'b', 'c'),
    stepMs: fc.integer({ min: 0, max: 200_000 }),
  }),
  { maxLength: 12 },
)

/** Four partitions, each in order of time, read in any order. */
const inputs = fc
  .tuple(
    fc.tuple(perPartition, perPartition, perPartition, perPartition),
    fc.array(fc.nat(3), { minLength: 48, maxLength: 48 }),
  )
  .map(([lists, turns]) => {
    const queues = lists.map((list, partition) => {
      let timestampMs = 0
      return list.map(({ word, stepMs }) => {
        timestampMs += stepMs
        return { partition, word, timestampMs }
      })
    })
    return interleaved(queues, turns)
  })

test('any interleaving of partitions that are in order each gives the batch, none late', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, async (all) => {
      await using driver = await createTestDriver(wordsPerMinute, { partitions })
      await pipe(driver, all)
      expect(driver.late()).toEqual({})
      expect(finals(driver)).toEqual(batch(all))
    }),
    { numRuns: 20 },
  )
})

const crashes = fc.array(
  fc.record({
    atRecord: fc.nat(48),
    keepState: fc.boolean(),
    before: fc.constantFrom(undefined, 'seal', 'flush', 'offsets', 'commit', 'apply', 'publish'),
  }),
  { maxLength: 5 },
)

test('whatever crashes, behind a repartition too, no result misses a record', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, crashes, fc.integer({ min: 1, max: 7 }), async (all, dead, every) => {
      await using driver = await createTestDriver(wordsPerMinute, {
        partitions,
        commitAfterEachRecord: false,
      })
      for (const [nth, input] of all.entries()) {
        await pipe(driver, [input])
        if (nth % every === 0) await driver.commit()
        for (const { before, keepState } of dead.filter(({ atRecord }) => atRecord === nth)) {
          await driver.crash(before === undefined ? {} : { before })
          await driver.resume({ keepState })
        }
      }
      await driver.commit()
      const found = finals(driver)
      const missing = [...batch(all)].filter(([key, count]) => (found.get(key) ?? 0) < count)
      expect(missing).toEqual([])
    }),
    { numRuns: 20 },
  )
})

function interleaved(queues: readonly Input[][], turns: readonly number[]): Input[] {
  const left = queues.map((queue) => [...queue])
  return turns.flatMap((turn) => {
    const inOrder = [...left.slice(turn), ...left.slice(0, turn)]
    return inOrder.find(({ length }) => length > 0)?.shift() ?? []
  })
}
