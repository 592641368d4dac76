import fc from 'fast-check'
import { json, type MapAsyncOptions, string, topology, tumbling } from 'millrace'
import { createTestDriver, type TestDriverOptions } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

type Ask = (value: string, attempt: number, signal: AbortSignal) => Promise<string>

/** The answers go on, and are counted by key in windows of ten. */
function asking(ask: Ask, options: MapAsyncOptions<string> = {}) {
  return topology((t) => {
    const answers = t
      .stream('in', { key: string, value: string, nullValues: 'drop' })
      .filter((value) => value !== 'left out')
      .mapAsync((value, _, { attempt, signal }) => ask(value, attempt, signal), {
        value: string,
        ...options,
      })
    answers.to('out')
    answers
      .groupByKey()
      .windowedBy(tumbling({ size: 10 }))
      .count({ name: 'counts', emit: 'final', late: 'late' })
      .to('counted')
  })
}

async function feed(
  ask: Ask,
  values: readonly string[],
  { options, driver: driverOptions }: Setting = {},
) {
  const driver = await createTestDriver(asking(ask, options), {
    commitAfterEachRecord: false,
    ...driverOptions,
  })
  const input = driver.input<string, string>('in')
  driver.hold('in')
  for (const [nth, value] of values.entries()) {
    await input.pipe(value.slice(0, 1), value, { timestampMs: nth })
  }
  await driver.release('in')
  await driver.commit()
  return driver
}

interface Setting {
  readonly options?: MapAsyncOptions<string>
  readonly driver?: TestDriverOptions
}

const soon = (turns: number): Promise<void> =>
  new Promise((resolve) => (turns === 0 ? resolve() : setImmediate(() => resolve(soon(turns - 1)))))

test('answers go on in the order of their records, however late each one is', async () => {
  const values = ['a9', 'b1', 'c5', 'a0', 'b3', 'c0']
  const ask: Ask = async (value) => {
    await soon(Number(value.slice(1)))
    return `${value}!`
  }
  await using driver = await feed(ask, values)
  expect(
    driver
      .output('out')
      .readAll()
      .map((it) => it.value),
  ).toEqual(values.map((it) => `${it}!`))
})

test('as many calls are made at once as are asked for, those of one key one after the other', async () => {
  let now = 0
  let most = 0
  const underWay = new Map<string, number>()
  const ask: Ask = async (value) => {
    const key = value.slice(0, 1)
    expect(underWay.get(key) ?? 0).toBe(0)
    underWay.set(key, 1)
    most = Math.max(most, ++now)
    await soon(3)
    now--
    underWay.set(key, 0)
    return value
  }
  const values = Array.from({ length: 60 }, (_, nth) => `${'abcdefghij'[nth % 10]}${nth}`)
  await using driver = await feed(ask, values, { options: { concurrency: 4 } })
  expect(driver.output('out').readAll()).toHaveLength(60)
  expect(most).toBe(4)
})

test('a call that fails is made again, and fails its record when it has failed too often', async () => {
  const attempts: string[] = []
  const ask: Ask = async (value, attempt) => {
    attempts.push(`${value}#${attempt}`)
    if (value === 'a-never' || attempt < 3) throw new Error('not now')
    return value
  }
  await using driver = await feed(ask, ['a-third', 'a-never', 'b-third'], {
    options: { retries: 2, backoff: 1 },
    driver: { deadLetterTopic: 'dead' },
  })
  expect(
    driver
      .output('out')
      .readAll()
      .map((it) => it.value),
  ).toEqual(['a-third', 'b-third'])
  expect(attempts.filter((it) => it.startsWith('a-never'))).toHaveLength(3)
  const [letter] = driver.deadLetters()
  expect(letter).toMatchObject({
    topic: 'in',
    offset: 1,
    code: 'MILLRACE_RUNTIME_PROCESSING_FAILED',
  })
})

test('a call that does not answer is over in time, and told so', async () => {
  const told: string[] = []
  const ask: Ask = (value, _, signal) => {
    if (value !== 'a-hangs') return Promise.resolve(value)
    signal.addEventListener('abort', () => told.push(value))
    return new Promise(() => {})
  }
  await using driver = await feed(ask, ['a-hangs', 'b'], {
    options: { timeout: 20 },
    driver: { deadLetterTopic: 'dead' },
  })
  expect(
    driver
      .output('out')
      .readAll()
      .map((it) => it.value),
  ).toEqual(['b'])
  expect(driver.deadLetters()).toMatchObject([{ code: 'MILLRACE_RUNTIME_CALL_TIMED_OUT' }])
  expect(told).toEqual(['a-hangs'])
})

test('a function that throws instead of rejecting is one that failed', async () => {
  const ask: Ask = () => {
    throw new Error('at once')
  }
  await expect(feed(ask, ['a'])).rejects.toMatchObject({
    code: 'MILLRACE_RUNTIME_PROCESSING_FAILED',
    at: { topic: 'in', partition: 0, offset: 0 },
  })
})

test('one call can stand behind another, and behind functions that give several records', async () => {
  const program = topology((t) => {
    t.stream('in', { key: string, value: json<number[]>(), nullValues: 'drop' })
      .flatMapValues((numbers) => numbers)
      .mapAsync(async (number) => {
        await soon(number)
        return number * 10
      })
      .filter((number) => number !== 20)
      .mapAsync(async (number) => {
        await soon(40 - number)
        return number + 1
      })
      .to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input('in').pipe('k', [3, 1, 2, 4])
  expect(
    driver
      .output('out')
      .readAll()
      .map((it) => it.value),
  ).toEqual([31, 11, 41])
})

test('functions with effects are called once, in the turn of the record', async () => {
  const seen: string[] = []
  const program = topology((t) => {
    t.stream('in', { key: string, value: string, nullValues: 'drop' })
      .peek((value) => seen.push(value))
      .mapAsync(async (value) => value)
      .peek((value) => seen.push(value))
      .to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input('in').pipe('k', 'a')
  expect(seen).toEqual(['a', 'a'])
})

test('functions in front of it that give other results when called again fail the record', async () => {
  let calls = 0
  const program = topology((t) => {
    t.stream('in', { key: string, value: string, nullValues: 'drop' })
      .filter(() => ++calls > 1)
      .mapAsync(async (value) => value)
      .to('out')
  })
  await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
  await driver.input('in').pipe('k', 'a')
  expect(driver.deadLetters()).toMatchObject([{ code: 'MILLRACE_RUNTIME_CALL_MISSING' }])
})

describe('a topology is refused', () => {
  test('with a call behind what depends on the records before', () => {
    const build = () =>
      topology((t) => {
        t.stream('in', { key: string, value: string, nullValues: 'drop' })
          .groupByKey()
          .count({ name: 'counts' })
          .toStream()
          .mapAsync(async (count) => count)
          .to('out')
      })
    expect(build).toThrow('stands behind count counts')
    expect(build).toThrow('repartition({ name })')
  })

  test.each([
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ retries: -1 }, 'retries'],
    [{ timeout: 0 }, 'timeout'],
  ])('with %o', (options, what) => {
    expect(() => asking(async (value) => value, options)).toThrow(`its ${what}`)
  })
})

const inputs = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    turns: fc.nat(6),
    timestampMs: fc.nat(60),
    fate: fc.constantFrom('answer', 'answer', 'answer', 'answer', 'fail', 'left out', 'crash'),
  }),
  { maxLength: 25 },
)

test('results are those of a synchronous function, wherever it crashes and commits', async () => {
  await fc.assert(
    fc.asyncProperty(inputs, fc.integer({ min: 1, max: 5 }), async (input, concurrency) => {
      const answer = (value: string): string => {
        const { fate } = input[Number(value)] as (typeof input)[number]
        if (fate === 'fail') throw new Error('no')
        return `${value} of ${concurrency}`
      }
      const run = async (program: ReturnType<typeof asking>, crashes: boolean) => {
        await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
        const source = driver.input<string, string>('in')
        for (const [nth, { key, timestampMs, fate }] of input.entries()) {
          const value = fate === 'left out' ? fate : String(nth)
          await source.pipe(key, value, { timestampMs })
          if (fate !== 'crash' || !crashes) continue
          await driver.crash()
          await driver.resume({ keepState: nth % 2 === 0 })
        }
        const read = (topic: string) =>
          driver
            .output(topic)
            .readAll()
            .map(({ key, value, timestampMs }) => ({ key, value, timestampMs }))
        const letters = driver.deadLetters().map(({ offset }) => offset)
        return { out: read('out'), counted: read('counted'), late: read('late'), letters }
      }
      const ask: Ask = async (value) => {
        await soon(input[Number(value)]?.turns ?? 0)
        return answer(value)
      }
      const synchronous = topology((t) => {
        const answers = t
          .stream('in', { key: string, value: string, nullValues: 'drop' })
          .filter((value) => value !== 'left out')
          .mapValues(answer, { value: string })
        answers.to('out')
        answers
          .groupByKey()
          .windowedBy(tumbling({ size: 10 }))
          .count({ name: 'counts', emit: 'final', late: 'late' })
          .to('counted')
      })
      const found = await run(asking(ask, { concurrency }), true)
      expect(found).toEqual(await run(synchronous, false))
    }),
    { numRuns: 60 },
  )
}, 120_000)
