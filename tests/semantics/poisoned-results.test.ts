import { type KStream, session, sliding, string, topology, tumbling } from 'millrace'
import { createTestDriver, type TestDriverOptions, type TopologyTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

// The law: a result that time lets go, and that fails, is missing, and nothing else is. It is no fault
// of the record that moved the time, and would be none of those after it.

const source = { key: string, value: string, nullValues: 'drop', heartbeats: true } as const
type Source = KStream<string | null, string>

/** Results by time; each has the text `unlucky` where a record of it had. */
const released: { readonly [name: string]: (stream: Source) => KStream<unknown, unknown> } = {
  'final results': (stream) =>
    stream
      .groupByKey()
      .windowedBy(tumbling({ size: 10 }))
      .reduce((all, value) => all + value, { name: 'kept', emit: 'final' })
      .toStream(),
  'final results of sliding windows': (stream) =>
    stream
      .groupByKey()
      .windowedBy(sliding({ timeDifference: 4 }))
      .reduce((all, value) => all + value, { name: 'kept', emit: 'final' })
      .toStream(),
  'final results of sessions': (stream) =>
    stream
      .groupByKey()
      .windowedBy(session({ gap: 4 }))
      .reduce((all, value) => all + value, { name: 'kept', emit: 'final' })
      .toStream(),
  'suppressed results': (stream) =>
    stream
      .groupByKey()
      .windowedBy(tumbling({ size: 10 }))
      .reduce((all, value) => all + value, { name: 'kept' })
      .suppress({ name: 'held', until: 'window-close' })
      .toStream(),
  'rows of a join without a match': (stream) =>
    stream.leftJoin(
      stream.filter(() => false),
      (value) => value,
      {
        name: 'pairs',
        before: 4,
        after: 4,
      },
    ),
}

function failing(text: unknown): unknown {
  if (String(text).includes('unlucky')) throw new Error('cannot be told')
  return text
}

type Fed = readonly (readonly [value: string | null, timestampMs: number])[]

const fed: Fed = [
  ['a', 0],
  ['unlucky', 15],
  ['b', 30],
  ['c', 45],
  ['d', 60],
  ['e', 75],
]

async function run(
  stream: (source: Source) => KStream<unknown, unknown>,
  options: TestDriverOptions,
  input: Fed = fed,
): Promise<TopologyTestDriver> {
  const program = topology((t) => {
    stream(t.stream('in', source)).mapValues(failing).to('out')
  })
  const driver = await createTestDriver(program, options)
  for (const [value, timestampMs] of input) {
    if (value === null) await driver.input('in').pipe(null, null, { timestampMs, headers: beat })
    else await driver.input('in').pipe('k', value, { timestampMs })
  }
  await driver.commit()
  return driver
}

const beat: readonly (readonly [string, Buffer])[] = [['millrace.heartbeat', Buffer.from('1')]]
const values = (driver: TopologyTestDriver): readonly unknown[] =>
  driver
    .output('out')
    .readAll()
    .map((it) => it.value)

describe.each(Object.entries(released))('%s', (_, stream) => {
  test.each([true, false])('fail alone; a commit after each record: %s', async (each) => {
    const options = { deadLetterTopic: 'dead', commitAfterEachRecord: each }
    await using driver = await run(stream, options)
    expect([...new Set(values(driver))].slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
    const letters = driver.deadLetters()
    expect(letters.length).toBeGreaterThan(0)
    for (const letter of letters) {
      expect(letter.message).toMatch(/^MILLRACE_RUNTIME_PROCESSING_FAILED: a result of [^]*"k"/)
      expect(String(letter.value)).toContain('unlucky')
    }
  })

  test('are skipped and counted where the policy says so', async () => {
    await using driver = await run(stream, { onProcessingError: 'skip' })
    expect([...new Set(values(driver))].slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
    const dropped = Object.values(driver.dropped()).map((counts) => counts['failed-result'] ?? 0)
    expect(Math.max(...dropped)).toBeGreaterThan(0)
  })

  test('fail alone where a heartbeat lets them go', async () => {
    const beats: Fed = fed.flatMap(([value, at]) => [
      [value, at],
      [null, at + 14],
    ])
    await using driver = await run(stream, { deadLetterTopic: 'dead' }, beats)
    expect([...new Set(values(driver))]).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(driver.deadLetters().length).toBeGreaterThan(0)
  })

  test('stop the worker where the policy says so, naming the result', async () => {
    await expect(run(stream, {})).rejects.toThrow(/a result of [^]*"k"[^]*cannot be told/)
  })

  test('leave nothing in the stores behind them', async () => {
    const table = (of: Source): KStream<unknown, unknown> =>
      stream(of).toTable({ name: 'behind' }).toStream().mapValues(failing)
    await using driver = await run(table, { deadLetterTopic: 'dead' })
    const rows = (await driver.store('behind').entries()).map(({ value }) => value)
    expect(rows.join()).not.toContain('unlucky')
    expect([...new Set(values(driver))].slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('several that fail at one time are each passed over', async () => {
  const stream = released['final results'] as (source: Source) => KStream<unknown, unknown>
  const program = topology((t) => {
    stream(t.stream('in', source))
      .toTable({ name: 'behind' })
      .toStream()
      .mapValues(failing)
      .to('out')
  })
  await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
  const input = driver.input<string, string>('in')
  for (const key of ['a', 'b', 'c', 'd']) {
    await input.pipe(key, key < 'd' ? 'unlucky' : 'good', { timestampMs: 0 })
  }
  await input.pipe('e', 'good', { timestampMs: 50 })
  expect(values(driver)).toEqual(['good'])
  expect(driver.deadLetters()).toHaveLength(3)
})

test('a result that cannot even be made is passed over too', async () => {
  const program = topology((t) => {
    t.stream('in', source)
      .groupByKey()
      .windowedBy(tumbling({ size: 10 }))
      .aggregate({
        name: 'kept',
        initial: () => '',
        add: (all, value) => all + value,
        result: (all) => failing(all) as string,
        emit: 'final',
      })
      .to('out')
  })
  await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
  for (const [value, timestampMs] of fed) {
    await driver.input('in').pipe('k', value, { timestampMs })
  }
  expect(values(driver)).toEqual(['a', 'b', 'c', 'd'])
  expect(driver.deadLetters()).toMatchObject([{ value: null }])
})
