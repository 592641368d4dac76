import { headerText, json, type Record, string } from '@millrace/record'
import { session } from '@millrace/time'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { countFold } from '../aggregate/count.ts'
import type { Fold } from '../aggregate/fold.ts'
import { count, max, mean } from '../aggregate/named-aggregate.ts'
import { namedFold } from '../aggregate/named-fold.ts'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import { reduceFold } from '../aggregate/reduce.ts'
import type { Emission } from '../emission/emission.ts'
import { resultHeader } from '../emission/result-headers.ts'
import { SessionAggregate } from './session-aggregate.ts'
import { sessionRowSerde } from './session-row-serde.ts'

const everyUpdate: Emission = { kind: 'updates', everyUpdate: true }
const final: Emission = { kind: 'final' }

function started<V, A>(
  gap: number,
  emission: Emission = everyUpdate,
  fold: Fold<string, V, A, unknown> = countFold() as never,
  grace = 0,
): Promise<OperatorRun> {
  const windows = session({ gap, grace })
  const options = { storeName, agendaName: 'due', windows, fold, emission, hasHeaders: true }
  const valueSerde = sessionRowSerde(json()) as never
  return OperatorRun.of(
    () => new SessionAggregate(options),
    [resultsStore('key-value', { keySerde: string, valueSerde }), agendaStore('due', 'test')],
  )
}

function taken(run: OperatorRun): string[] {
  return run.records().map(({ key, value, timestampMs }) => {
    const { key: bare, window } = key as { key: string; window: { startMs: number; endMs: number } }
    return `${bare}[${window.startMs},${window.endMs}]=${JSON.stringify(value)}@${timestampMs}`
  })
}

test('a session that grows is taken back before it goes out with its new bounds (N04)', async () => {
  // 0 . . . . 5
  // x         x     gap 10
  const run = await started(10)
  run.process('a', 'x', 0)
  run.process('a', 'x', 5)
  expect(taken(run)).toEqual(['a[0,0]=1@0', 'a[0,0]=null@0', 'a[0,5]=2@5'])
})

test('a record between two sessions makes one of them; both are taken back, the earlier first', async () => {
  const run = await started(10, everyUpdate, countFold() as never, 20)
  for (const at of [0, 20]) run.process('a', 'x', at)
  taken(run)
  run.process('a', 'x', 10)
  expect(taken(run)).toEqual(['a[0,0]=null@0', 'a[20,20]=null@20', 'a[0,20]=3@20'])
})

test('one instant is updated without being taken back', async () => {
  const run = await started(10)
  run.process('a', 'x', 3)
  run.process('a', 'x', 3)
  expect(taken(run)).toEqual(['a[3,3]=1@3', 'a[3,3]=2@3'])
})

test('sessions exactly the gap apart are one, whatever other keys do in between (N09)', async () => {
  const run = await started(5)
  run.process('k1', 'x', 0)
  run.process('k2', 'x', 5)
  run.process('k1', 'x', 5)
  expect(taken(run)).toEqual(['k1[0,0]=1@0', 'k2[5,5]=1@5', 'k1[0,0]=null@0', 'k1[0,5]=2@5'])
})

test('a record is late when a session of it alone would be closed: last + gap + grace + 1 (N07)', async () => {
  const run = await started(10, everyUpdate, countFold() as never, 1)
  run.process('x', 'x', 11)
  run.process('a', 'x', 0)
  expect(run.late).toEqual([])
  run.process('x', 'x', 12)
  run.process('b', 'x', 0)
  expect(run.late).toEqual([{ window: { startMs: 0, endMs: 0 }, closesAtMs: 12, streamTimeMs: 12 }])
})

test('a record near a closed session starts its own', async () => {
  // a: [0]  closes at 6;  time is at 7;  a@5 is within the gap of 0 and not late itself
  const run = await started(5)
  run.process('a', 'x', 0)
  run.process('z', 'x', 7)
  taken(run)
  run.process('a', 'x', 5)
  expect(taken(run)).toEqual(['a[5,5]=1@5'])
})

test('of a commit goes out what is new and what is no longer true, once', async () => {
  const run = await started(10, { kind: 'updates', everyUpdate: false })
  for (const at of [0, 4, 8]) run.process('a', 'x', at)
  await run.commitOnly()
  expect(taken(run)).toEqual(['a[0,8]=3@8'])
  for (const at of [5, 9, 15]) run.process('a', 'x', at)
  await run.commitOnly()
  expect(taken(run)).toEqual(['a[0,8]=null@8', 'a[0,15]=6@15'])
  run.process('a', 'x', 7)
  await run.commitOnly()
  expect(taken(run)).toEqual(['a[0,15]=7@15'])
})

test('final results go out by end, start and key, also where a session grew backwards', async () => {
  const run = await started(3, final)
  run.process('a', 'x', 5)
  run.process('b', 'x', 5)
  run.process('b', 'x', 4)
  run.process('z', 'x', 100)
  expect(taken(run)).toEqual(['b[4,5]=2@5', 'a[5,5]=1@5'])
})

test('early results take back what they said before', async () => {
  const run = await started(10, { kind: 'early', everyMs: 10 }, countFold() as never, 20)
  run.process('a', 'x', 1)
  run.process('a', 'x', 12)
  expect(taken(run)).toEqual(['a[1,1]=1@1'])
  await run.commitOnly()
  await run.restart()
  run.process('a', 'x', 8)
  run.process('a', 'x', 14)
  expect(taken(run)).toEqual([])
  run.process('z', 'x', 20)
  expect(taken(run)).toEqual(['a[1,1]=null@1', 'a[1,14]=4@14'])
  run.process('z', 'x', 45)
  expect(taken(run)).toEqual(['z[20,20]=1@20', 'a[1,14]=4@14'])
})

test('a session can be reduced, or be given several aggregates at once', async () => {
  const sum = reduceFold<string, number>((left, right) => left + right)
  const reduced = await started(10, everyUpdate, sum, 20)
  for (const at of [0, 20, 10]) reduced.process('a', at + 1, at)
  expect(taken(reduced).at(-1)).toBe('a[0,20]=33@20')

  const of = { count: count(), max: max((v: number) => v), mean: mean((v: number) => v) }
  const named = await started(10, everyUpdate, namedFold<string, number, typeof of>(of), 20)
  for (const at of [0, 20, 10]) named.process('a', at, at)
  expect(taken(named).at(-1)).toBe('a[0,20]={"count":3,"max":20,"mean":10}@20')
})

test('a session folded to nothing is taken back', async () => {
  const emptied = reduceFold<string, number>((_, value) => (value === 0 ? null : value))
  const run = await started(10, everyUpdate, emptied)
  run.process('a', 7, 0)
  run.process('a', 0, 5)
  expect(taken(run)).toEqual(['a[0,0]=7@0', 'a[0,0]=null@0'])
  await run.commitOnly()
  expect(await run.rows()).toEqual([])
})

test('a result says how many records it stands for, and when it is taken back', async () => {
  const run = await started(10)
  run.process('a', 'x', 0)
  run.process('a', 'x', 5)
  expect(run.records().map(factsOf)).toEqual(['update 1', 'retraction 1', 'update 2'])
})

function factsOf({ headers }: Record<unknown, unknown>): string {
  return `${headerText(headers, resultHeader.kind)} ${headerText(headers, resultHeader.revision)}`
}
