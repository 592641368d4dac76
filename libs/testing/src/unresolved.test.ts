import { topology } from '@millrace/dsl'
import { type Serde, string, Unresolved } from '@millrace/record'
import { expect, test } from 'vitest'
import { createTestDriver } from './topology-test-driver.ts'

/** Reads `!…` only once that has been fetched; `?…` never, and `fetched` tells what was asked for. */
function fetching(): { readonly serde: Serde<string>; readonly fetched: string[] } {
  const known = new Set<string>()
  const fetched: string[] = []
  const deserialize = (bytes: Buffer): string => {
    const text = string.deserialize(bytes)
    if (!/^[!?]/.test(text) || known.has(text)) return text
    if (fetched.includes(text)) throw new RangeError(`${text} cannot be had`)
    const resolved = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      fetched.push(text)
      if (text.startsWith('!')) known.add(text)
    })
    throw new Unresolved(text, resolved)
  }
  return { serde: { ...string, name: 'fetching', deserialize }, fetched }
}

test('a record whose serde has to fetch first is waited for; those behind it stay behind', async () => {
  const { serde, fetched } = fetching()
  const program = topology((t) => {
    const plain = t.stream('plain', { value: serde })
    t.stream('in', { value: serde }).merge(plain).to('out', { value: string })
  })
  await using driver = await createTestDriver(program)
  driver.hold('in')
  const input = driver.input<string, string>('in')
  await input.pipe('k', '!a', { timestampMs: 1 })
  await input.pipe('k', 'b', { timestampMs: 3 })
  await driver.input<string, string>('plain').pipe('k', 'later', { timestampMs: 2 })
  await driver.release('in')
  const values = driver
    .output('out')
    .readAll()
    .map(({ value }) => value)
  expect(values).toEqual(['!a', 'later', 'b'])
  expect(fetched).toEqual(['!a'])
})

test('an extractor sees the record when it can be read, and its time decides the order', async () => {
  const { serde } = fetching()
  const timestamp = ({ record }: { record: { value: string | null } }) =>
    Number(record.value?.slice(1))
  const program = topology((t) => {
    const one = t.stream('one', { value: serde, timestamp })
    t.stream('two', { value: serde, timestamp }).merge(one).to('out', { value: string })
  })
  await using driver = await createTestDriver(program)
  driver.hold('one')
  await driver.input<string, string>('one').pipe('k', '!20', { timestampMs: 1 })
  await driver.input<string, string>('two').pipe('k', '!10', { timestampMs: 2 })
  await driver.release('one')
  const results = driver.output('out').readAll()
  expect(results.map(({ value, timestampMs }) => [value, timestampMs])).toEqual([
    ['!10', 10],
    ['!20', 20],
  ])
})

test('what cannot be had fails as an undecodable record, and is counted once', async () => {
  const { serde } = fetching()
  const program = topology((t) => {
    t.stream('in', { value: serde }).to('out', { value: string })
  })
  await using driver = await createTestDriver(program, { deadLetterTopic: 'dead' })
  const input = driver.input<string, string>('in')
  for (const value of ['a', '?b', 'c']) await input.pipe('k', value)
  expect(
    driver
      .output('out')
      .readAll()
      .map(({ value }) => value),
  ).toEqual(['a', 'c'])
  expect(driver.deadLetters()).toMatchObject([{ code: 'MILLRACE_RECORD_UNDECODABLE', offset: 1 }])
})

test('a global table waits, too', async () => {
  const { serde } = fetching()
  const program = topology((t) => {
    const names = t.globalTable('names', { name: 'names', value: serde })
    t.stream('in', { value: string, nullValues: 'drop' })
      .join(names, (_, name) => name, { on: (value) => value, value: string })
      .to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input<string, string>('names').pipe('a', '!Ann')
  await driver.input<string, string>('in').pipe('k', 'a')
  expect(driver.output('out').readAll()).toMatchObject([{ value: '!Ann' }])
})

test('serdes are asked before the start for every topic outside, with how it is used', async () => {
  const uses: string[] = []
  const asked: Serde<string> = {
    ...string,
    prepare: async ({ topic, part, isWritten }) => {
      uses.push(`${topic} ${part} ${isWritten ? 'written' : 'read'}`)
    },
  }
  const program = topology((t) => {
    t.stream('in', { key: asked, value: asked })
      .groupBy((value) => value, { key: asked, repartition: 'by-value' })
      .count({ name: 'counts' })
      .to('out')
  })
  await using _driver = await createTestDriver(program)
  expect(uses.toSorted()).toEqual(['in key read', 'in value read', 'out key written'])
})
