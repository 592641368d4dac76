import { headerText, type Record } from '@millrace/record'
import { hopping, type TimeWindows, tumbling, unlimited } from '@millrace/time'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { type Emission, emissionOf } from '../emission/emission.ts'
import { resultHeader } from '../emission/result-headers.ts'
import { aggregateFold } from './aggregate.ts'
import { countFold } from './count.ts'
import type { Fold } from './fold.ts'
import { OperatorRun, resultsStore, storeName } from './operator-fixture.ts'
import { WindowedAggregate } from './windowed-aggregate.ts'

const agendaName = 'due'

function started(
  windows: TimeWindows,
  emission: Emission = { kind: 'final' },
  fold: Fold<string, number, number, number> = countFold(),
): Promise<OperatorRun> {
  const options = { storeName, windows, fold, emission, agendaName, hasHeaders: true }
  const stores = [resultsStore('window'), agendaStore(agendaName, 'test')]
  return OperatorRun.of(() => new WindowedAggregate(options), stores)
}

test('one result a window, when stream time reaches its close, by start and then key (E01)', async () => {
  //        0    5    10   15   20
  // [0,10) |---------|    x            x: end + grace 5
  // [5,15)      |---------|    x
  const run = await started(hopping({ size: 10, advance: 5, grace: 5 }))
  run.process('b', 'x', 0)
  run.process('a', 'x', 5)
  run.process('b', 'x', 10)
  expect(run.results()).toEqual([])
  run.process('c', 'x', 15)
  expect(run.results()).toEqual(['a[0]=1@5', 'b[0]=1@0'])
  run.process('d', 'x', 20)
  expect(run.results()).toEqual(['a[5]=1@5', 'b[5]=1@10'])
})

test('a restart emits no result twice and none too few (E03)', async () => {
  const run = await started(tumbling({ size: 10 }))
  run.process('a', 'x', 0)
  run.process('b', 'x', 10)
  expect(await run.commit()).toEqual(['a[0]=1@0'])
  await run.restart()
  run.process('c', 'x', 25)
  expect(await run.commit()).toEqual(['b[10]=1@10'])
  expect(await run.rows(agendaName)).toHaveLength(1)
})

test('a record that is late itself lets nothing go; one that moves time does, before it is counted', async () => {
  const run = await started(tumbling({ size: 10 }))
  run.process('a', 'x', 19)
  run.process('a', 'x', 3)
  expect(run.late).toHaveLength(1)
  run.process('a', 'x', 25)
  expect(run.results()).toEqual(['a[10]=1@19'])
})

test('time that moves without a record closes windows as well', async () => {
  const run = await started(tumbling({ size: 10 }))
  run.process('a', 'x', 3)
  run.advanceTo(10)
  expect(run.results()).toEqual(['a[0]=1@3'])
})

test('what was deleted has no final result, and what came back has one', async () => {
  const fold = aggregateFold<string, number, number>({
    initial: () => 0,
    add: (sum, value) => (value === 0 ? null : sum + value),
  })
  const run = await started(tumbling({ size: 10 }), { kind: 'final' }, fold)
  for (const value of [5, 0]) run.process('gone', value, 1)
  for (const value of [5, 0]) run.process('back', value, 1)
  await run.commit()
  run.process('back', 7, 2)
  run.process('z', 1, 10)
  expect(run.results()).toEqual(['back[0]=7@2'])
})

test('early results go out at multiples of the interval, for what changed since the last', async () => {
  // every 10 of event time:  10   20   30   40
  const run = await started(tumbling({ size: 50 }), { kind: 'early', everyMs: 10 })
  run.process('a', 'x', 1)
  run.process('a', 'x', 9)
  run.process('b', 'x', 9)
  expect(await run.commit()).toEqual([])
  await run.restart()
  run.process('a', 'x', 12)
  expect(run.results()).toEqual(['a[0]=2@9', 'b[0]=1@9'])
  run.process('c', 'x', 35)
  expect(run.results()).toEqual(['a[0]=3@12'])
  // c changed after the tick at 30, and closes before the one at 40 is reached.
  run.process('z', 'x', 60)
  expect(run.results()).toEqual(['a[0]=3@12', 'b[0]=1@9', 'c[0]=1@35'])
})

test('an early result that is deleted is taken back', async () => {
  const fold = aggregateFold<string, number, number>({
    initial: () => 0,
    add: (sum, value) => (value === 0 ? null : sum + value),
  })
  const run = await started(tumbling({ size: 100 }), { kind: 'early', everyMs: 10 }, fold)
  run.process('a', 5, 1)
  run.process('b', 5, 11)
  expect(run.results()).toEqual(['a[0]=5@1'])
  run.process('a', 0, 12)
  run.process('b', 5, 25)
  expect(run.results()).toEqual(['a[0]=null@20', 'b[0]=5@11'])
})

test('results say what they are: kind, revision, window, and stream time when they went out', async () => {
  const run = await started(tumbling({ size: 10 }), { kind: 'early', everyMs: 4 })
  run.process('a', 'x', 1)
  await run.commit()
  run.process('a', 'x', 5)
  run.process('b', 'x', 17)
  const [early, final] = run.records().map(factsOf)
  expect(early).toEqual({ kind: 'early', revision: '1', start: '0', end: '10', time: '5' })
  expect(final).toEqual({ kind: 'final', revision: '2', start: '0', end: '10', time: '17' })
})

test('a record before the start of the unlimited window is left out and counted', async () => {
  const run = await started(unlimited({ startMs: 10 }), { kind: 'updates', everyUpdate: true })
  run.process('a', 'x', 9)
  run.process('a', 'x', 10)
  run.process('a', 'x', 10 ** 15)
  expect(run.dropped).toEqual(['before-window'])
  expect(run.results()).toEqual(['a[10]=1@10', `a[10]=2@${10 ** 15}`])
})

test('emissions that cannot be are refused', () => {
  const refused = expect.objectContaining({ code: 'MILLRACE_OPERATORS_EMISSION' })
  expect(() => emissionOf({ emit: 'final' }, unlimited())).toThrow(refused)
  expect(() => emissionOf({ emit: 'final', everyUpdate: true }, tumbling({ size: 1 }))).toThrow(
    refused,
  )
  expect(() => emissionOf({ emit: { early: 0, final: true } }, tumbling({ size: 1 }))).toThrow(
    refused,
  )
})

function factsOf({ headers }: Record<unknown, unknown>) {
  return {
    kind: headerText(headers, resultHeader.kind),
    revision: headerText(headers, resultHeader.revision),
    start: headerText(headers, resultHeader.windowStart),
    end: headerText(headers, resultHeader.windowEnd),
    time: headerText(headers, resultHeader.streamTime),
  }
}
