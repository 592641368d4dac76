import { type EffectOptions, json, string, topology } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'

interface Written {
  readonly id: string
  readonly key: string | null
  readonly value: unknown
  readonly attempt: number
}

function notifying(write: EffectOptions<string | null, string>['write'], more: object = {}) {
  return topology((t) => {
    t.stream('in', { key: string, value: string, nullValues: 'drop' })
      .flatMapValues((value) => value.split(' '))
      .sink({ name: 'mail', write, ...more })
  })
}

function notedBy(written: Written[], fails: (attempt: number) => boolean = () => false) {
  return async (
    value: unknown,
    key: string | null,
    { id, attempt }: { readonly id: string; readonly attempt: number },
  ): Promise<void> => {
    if (fails(attempt)) throw new Error('nobody there')
    written.push({ id, key, value, attempt })
  }
}

test('every result is written, with an id of the input that it comes from', async () => {
  const written: Written[] = []
  await using driver = await createTestDriver(notifying(notedBy(written)))
  await driver.input('in').pipe('a', 'x y')
  await driver.input('in').pipe('b', 'z')
  expect(written.map(({ id, key, value }) => [id, key, value])).toEqual([
    ['mail/in-0@0#0', 'a', 'x'],
    ['mail/in-0@0#1', 'a', 'y'],
    ['mail/in-0@1#0', 'b', 'z'],
  ])
})

test('nothing is written of what is not committed, and it has the same id when it is', async () => {
  const written: Written[] = []
  await using driver = await createTestDriver(notifying(notedBy(written)), {
    commitAfterEachRecord: false,
  })
  driver.hold('test-mail-outbox-repartition')
  await driver.input('in').pipe('a', 'x y')
  await driver.crash()
  await driver.resume()
  await driver.commit()
  await driver.release('test-mail-outbox-repartition')
  await driver.commit()
  expect(new Set(written.map(({ id }) => id))).toEqual(new Set(['mail/in-0@0#0', 'mail/in-0@0#1']))
})

test('what cannot be written is tried again without end, and holds nothing else back', async () => {
  const written: Written[] = []
  const write = notedBy(written, (attempt) => attempt < 20)
  const program = topology((t) => {
    const words = t.stream('in', { key: string, value: string, nullValues: 'drop' })
    words.sink({ name: 'mail', write, backoff: 0 })
    words.to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input('in').pipe('a', 'x')
  expect(written).toMatchObject([{ key: 'a', value: 'x', attempt: 20 }])
  expect(driver.output('out').readAll()).toHaveLength(1)
})

test('with a number of retries it fails its intent, which goes to the dead letters', async () => {
  const write = notedBy([], () => true)
  await using driver = await createTestDriver(notifying(write, { retries: 2, backoff: 0 }), {
    deadLetterTopic: 'dead',
  })
  await driver.input('in').pipe('a', 'x')
  expect(driver.deadLetters()).toMatchObject([{ topic: expect.stringContaining('mail-outbox') }])
})

test('results of a table, deletions included, and records without a key are written too', async () => {
  const written: Written[] = []
  const program = topology((t) => {
    t.table('rows', { name: 'rows', key: string, value: json<string>() })
      .toStream()
      .sink({ name: 'rows-out', kind: 'idempotent', write: notedBy(written) })
    t.stream('plain', { value: json<string>(), nullValues: 'drop' }).sink({
      name: 'plain-out',
      kind: 'pure',
      write: notedBy(written),
    })
  })
  await using driver = await createTestDriver(program)
  await driver.input('rows').pipe('a', 'x')
  await driver.input('rows').pipe('a', null)
  await driver.input('plain').pipe(null, 'p')
  expect(written.map(({ key, value }) => [key, value])).toEqual([
    ['a', 'x'],
    ['a', null],
    [null, 'p'],
  ])
})

describe('a sink', () => {
  test('needs a name', () => {
    expect(() => notifying(async () => {}, { name: undefined })).toThrow('sink()')
  })

  test('says in the plan what it does', async () => {
    await using driver = await createTestDriver(notifying(async () => {}))
    const node = driver.topology.nodes.get('mail')
    expect(node).toMatchObject({ operator: 'sink', detail: 'external' })
    expect(driver.topology.repartitions.get('mail-outbox')?.why).toContain("sink 'mail'")
  })
})
