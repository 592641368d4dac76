import { aggregateFold, isolatedFold, reduceFold } from '@millrace/operators'
import { noHeaders } from '@millrace/record'
import { type GroupedStream, json, type KStream, string, topology, tumbling } from 'millrace'
import { createTestDriver } from 'millrace/testing'
import { expect, test } from 'vitest'

// The law: what was sent stays as it was sent, though the function of an aggregation changes its
// aggregate in place. Whoever keeps a result in memory sees the same with and without restarts.

type Letters = string[]
type Grouped = GroupedStream<string, Letters>

function appended(letters: Letters, more: Letters): Letters {
  letters.push(...more)
  return letters
}

const folded = { initial: (): Letters => [], add: appended }
const value = json<Letters>()
const named = { name: 'letters', value }

/** Ways to an aggregate of which some result is one letter, though it goes on to grow. */
const rolling: { readonly [name: string]: (grouped: Grouped) => KStream<string, Letters> } = {
  'an aggregate': (grouped) => grouped.aggregate({ ...named, ...folded }).toStream(),
  'an aggregate with every update': (grouped) =>
    grouped.aggregate({ ...named, ...folded, everyUpdate: true }).toStream(),
  'a part of the aggregate': (grouped) =>
    grouped
      .aggregate({
        ...named,
        initial: () => ({ letters: [] as Letters }),
        add(state, more) {
          state.letters.push(...more)
          return state
        },
        result: ({ letters }) => letters,
      })
      .toStream(),
  'a reduction': (grouped) => grouped.reduce(appended, named).toStream(),
}

test.each(Object.entries(rolling))('%s is in memory as it was sent', async (_, aggregated) => {
  const program = topology((t) => {
    const single = aggregated(
      t.stream('in', { key: string, value, nullValues: 'drop' }).groupByKey(),
    )
      .filter((letters) => letters.length === 1)
      .toTable({ name: 'single' })
    t.stream('probe', { key: string, value: string, nullValues: 'drop' })
      .join(single, (asked, letters) => `${asked}: ${letters.join(' ')}`)
      .to('out')
  })
  await using driver = await createTestDriver(program)
  await driver.input('in').pipe('k', ['a'])
  await driver.input('probe').pipe('k', 'before')
  await driver.input('in').pipe('k', ['b'])
  await driver.input('probe').pipe('k', 'after')
  const answers = driver
    .output('out')
    .readAll()
    .map((answer) => answer.value)
  expect(answers).toEqual(['before: a', 'after: a'])
})

test('an early result is written as it was sent', async () => {
  const program = topology((t) => {
    t.stream('in', { key: string, value, nullValues: 'drop' })
      .groupByKey()
      .windowedBy(tumbling({ size: 1000 }))
      .aggregate({ ...named, ...folded, emit: { early: 10, final: true } })
      .toStream()
      .filter((letters) => letters?.length === 1)
      .toTable({ name: 'single' })
  })
  await using driver = await createTestDriver(program, { commitAfterEachRecord: false })
  await driver.input('in').pipe('k', ['a'], { timestampMs: 100 })
  await driver.input('in').pipe('k', ['b'], { timestampMs: 120 })
  await driver.commit()
  const [row] = await driver.store('single').entries()
  expect(row?.value).toEqual(['a'])
})

test('the first value of a reduction belongs to its record', () => {
  const fold = isolatedFold(reduceFold(appended), value)
  const [key, first] = ['k', ['a']]
  const record = { key, value: first, timestampMs: 0, headers: noHeaders }
  const sum = fold.add(fold.add(null, first, key, record), ['b'], key, record)
  expect([first, sum]).toEqual([['a'], ['a', 'b']])
})

test('an aggregate that nobody was sent is changed in place', () => {
  const fold = isolatedFold(aggregateFold(folded), value)
  const record = { key: 'k', value: ['a'], timestampMs: 0, headers: noHeaders }
  const sum = fold.add(null, ['a'], 'k', record)
  expect(fold.add(sum, ['b'], 'k', record)).toBe(sum)
  fold.result(sum as Letters)
  expect(fold.add(sum, ['c'], 'k', record)).not.toBe(sum)
})
