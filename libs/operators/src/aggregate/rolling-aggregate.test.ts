import { expect, test } from 'vitest'
import { aggregateFold } from './aggregate.ts'
import { countFold } from './count.ts'
import type { Fold } from './fold.ts'
import { OperatorRun } from './operator-fixture.ts'
import { reduceFold } from './reduce.ts'
import { RollingAggregate } from './rolling-aggregate.ts'

const storeName = 'results'
/** Adds up; 0 deletes. */
const sumUntilZero = reduceFold<string, number>((sum, value) => (value === 0 ? null : sum + value))

function started<V, A, R>(fold: Fold<string, V, A, R>, everyUpdate = false): Promise<OperatorRun> {
  return OperatorRun.start(new RollingAggregate({ storeName, fold, everyUpdate }), 'key-value')
}

test('one result a key and commit goes out, the last, in the order of first change', async () => {
  const run = await started(countFold())
  for (const key of ['b', 'a', 'b']) run.process(key, 'x', 1)
  expect(run.results()).toEqual([])
  expect(await run.commit()).toEqual(['b=2@1', 'a=1@1'])
  expect(await run.commit()).toEqual([])
})

test('with everyUpdate each change goes out at once, and none again at the commit', async () => {
  const run = await started(countFold(), true)
  run.process('a', 'x', 1)
  expect(run.results()).toEqual(['a=1@1'])
  run.process('a', 'x', 2)
  expect(await run.commit()).toEqual(['a=2@2'])
})

test('a result carries the largest timestamp of its records, also when they come out of order', async () => {
  const run = await started(countFold())
  run.process('a', 'x', 100)
  run.process('a', 'x', 50)
  expect(await run.commit()).toEqual(['a=2@100'])
})

test('records with a null key or a null value are left out and counted', async () => {
  const run = await started(countFold())
  run.process(null, 'x', 1)
  run.process('a', null, 2)
  expect(run.dropped).toEqual(['null-key', 'null-value'])
  expect(await run.commit()).toEqual([])
})

test('the first value is the aggregate, without a call to the reducer', async () => {
  const run = await started(sumUntilZero)
  run.process('a', 0, 1)
  expect(await run.commit()).toEqual(['a=0@1'])
})

test('a reducer that gives null deletes the row, and says so at max(record, aggregate)', async () => {
  const run = await started(sumUntilZero)
  run.process('a', 5, 100)
  await run.commit()
  run.process('a', 0, 50)
  expect(await run.commit()).toEqual(['a=null@100'])
  expect(await run.rows()).toEqual([])
})

test('after a deletion the timestamp starts anew, in the same commit too', async () => {
  const run = await started(sumUntilZero)
  run.process('a', 5, 100)
  await run.commit()
  run.process('a', 0, 50)
  run.process('a', 3, 10)
  expect(await run.commit()).toEqual(['a=3@10'])
})

test('what was made and deleted between two commits sends a tombstone: a lost commit may have sent its value', async () => {
  const run = await started(sumUntilZero)
  run.process('a', 5, 1)
  run.process('a', 0, 2)
  expect(await run.commit()).toEqual(['a=null@2'])
  expect(await run.rows()).toEqual([])
})

test('with everyUpdate the value goes out before its tombstone', async () => {
  const run = await started(sumUntilZero, true)
  run.process('a', 5, 1)
  run.process('a', 0, 2)
  expect(run.results()).toEqual(['a=5@1', 'a=null@2'])
})

test('an aggregate that stays null makes no row and no result', async () => {
  const nothing = aggregateFold<string, number, number>({ initial: () => 0, add: () => null })
  const run = await started(nothing, true)
  run.process('a', 5, 1)
  expect(await run.commit()).toEqual([])
  expect(await run.rows()).toEqual([])
})

test('an aggregate changed in place is stored as it is at the commit', async () => {
  const collect = aggregateFold<string, number, number[], number>({
    initial: () => [],
    add(list, value) {
      list.push(value)
      return list
    },
    result: (list) => list.length,
  })
  const run = await started(collect)
  run.process('a', 1, 1)
  run.process('a', 2, 2)
  run.process('b', 3, 3)
  expect(await run.commit()).toEqual(['a=2@2', 'b=1@3'])
  expect(await run.rows()).toEqual(['a=[1,2]', 'b=[3]'])
})

test('a function that returns undefined is told so, before the row is touched', async () => {
  const forgotten = reduceFold<string, number>((() => undefined) as never)
  const run = await started(forgotten)
  run.process('a', 1, 1)
  expect(() => run.process('a', 2, 2)).toThrow(
    expect.objectContaining({ code: 'MILLRACE_OPERATORS_NO_RESULT' }),
  )
  expect(await run.commit()).toEqual(['a=1@1'])
})
