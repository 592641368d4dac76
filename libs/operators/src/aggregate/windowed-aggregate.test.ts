import { hopping, type TimeWindows, tumbling } from '@millrace/time'
import { expect, test } from 'vitest'
import { aggregateFold } from './aggregate.ts'
import { countFold } from './count.ts'
import type { Fold } from './fold.ts'
import { OperatorRun } from './operator-fixture.ts'
import { WindowedAggregate } from './windowed-aggregate.ts'

const storeName = 'results'

function started<V, A>(
  windows: TimeWindows,
  fold: Fold<string, V, A, unknown>,
  everyUpdate = false,
): Promise<OperatorRun> {
  const processor = new WindowedAggregate({
    storeName,
    windows,
    fold,
    emission: { kind: 'updates', everyUpdate },
  })
  return OperatorRun.start(processor, 'window')
}

/** "0+1+2": the values in the order of their coming. */
const trail = (initial: string) =>
  aggregateFold<string, string, string>({
    initial: () => initial,
    add: (sofar, value) => `${sofar}+${value}`,
  })

test('a record is counted in every window that holds it, ascending', async () => {
  // 0 ........ 10
  //       5 ........ 15
  const run = await started(hopping({ size: 10, advance: 5 }), countFold(), true)
  run.process('a', 'x', 7)
  expect(run.results()).toEqual(['a[0]=1@7', 'a[5]=1@7'])
})

test('a record is late when stream time equals end + grace, and in time 1 ms before', async () => {
  const run = await started(tumbling({ size: 10, grace: 5 }), countFold())
  run.process('a', 'x', 14)
  run.process('a', 'x', 0)
  expect(run.late).toEqual([])
  run.process('a', 'x', 15)
  run.process('a', 'x', 0)
  expect(run.late).toEqual([
    { window: { startMs: 0, endMs: 10 }, closesAtMs: 15, streamTimeMs: 15 },
  ])
})

test('a record makes windows close before it is added: it can be late by its own time alone', async () => {
  const run = await started(hopping({ size: 10, advance: 5 }), countFold(), true)
  run.process('a', 'x', 12)
  run.process('a', 'x', 9)
  expect(run.results()).toEqual(['a[5]=1@12', 'a[10]=1@12', 'a[5]=2@12'])
  expect(run.late.map(({ window }) => window.startMs)).toEqual([0])
})

test('a null key or null value is left out, without effect on stream time', async () => {
  const run = await started(tumbling({ size: 10 }), countFold())
  run.process(null, 'x', 100)
  run.process('a', null, 100)
  run.process('a', 'x', 1)
  expect(run.dropped).toEqual(['null-key', 'null-value'])
  expect(run.late).toEqual([])
  expect(run.streamTimeMs).toBe(1)
})

test('a late record still moves nothing but the count of late ones', async () => {
  const run = await started(tumbling({ size: 10 }), countFold())
  run.process('a', 'x', 100)
  run.process('a', 'x', 1)
  expect(await run.commit()).toEqual(['a[100]=1@100'])
  expect(run.streamTimeMs).toBe(100)
})

test('a window that closes within a commit gives its last result, then leaves the store', async () => {
  const run = await started(tumbling({ size: 10 }), countFold())
  run.process('a', 'x', 1)
  run.process('a', 'x', 2)
  run.process('a', 'x', 55)
  expect(await run.commit()).toEqual(['a[0]=2@2', 'a[50]=1@55'])
  expect(await run.rows()).toEqual(['a[50]=1'])
})

test('a window stays in the store while it can still take records, not longer', async () => {
  const run = await started(tumbling({ size: 10, grace: 20 }), countFold())
  run.process('a', 'x', 1)
  run.process('b', 'x', 29)
  await run.commit()
  expect(await run.rows()).toEqual(['a[0]=1', 'b[20]=1'])
  run.process('b', 'x', 30)
  await run.commit()
  expect(await run.rows()).toEqual(['b[20]=1', 'b[30]=1'])
})

test('W05: hopping windows take records out of order and keep the largest timestamp', async () => {
  const run = await started(hopping({ size: 10, advance: 5, grace: 100 }), trail('0'), true)
  for (const [value, timestampMs] of [
    ['2', 1],
    ['2', 6],
    ['1', 3],
    ['3', 9],
  ] as const) {
    run.process('B', value, timestampMs)
  }
  expect(run.results()).toEqual([
    'B[0]="0+2"@1',
    'B[0]="0+2+2"@6',
    'B[5]="0+2"@6',
    'B[0]="0+2+2+1"@6',
    'B[0]="0+2+2+1+3"@9',
    'B[5]="0+2+3"@9',
  ])
})

test('G01: a record can be late for one of its windows and in time for the other', async () => {
  const run = await started(hopping({ size: 10, advance: 5, grace: 90 }), trail(''), true)
  run.process('k', '100', 100)
  for (let at = 0; at <= 6; at++) run.process('k', String(at), at)
  run.process('k', '105', 105)
  expect(run.results().filter((text) => text.startsWith('k[5]'))).toEqual([
    'k[5]="+5"@5',
    'k[5]="+5+6"@6',
  ])
  expect(run.late).toHaveLength(7)
})

test('G03: with tumbling windows everything before the last 90 ms is late', async () => {
  const run = await started(tumbling({ size: 10, grace: 90 }), trail(''), true)
  run.process('k', '100', 200)
  for (const at of [100, 101, 102, 103, 104, 105, 6]) run.process('k', 'x', at)
  expect(run.results()).toEqual(['k[200]="+100"@200'])
  expect(run.late).toHaveLength(7)
  expect(
    Math.max(...run.late.map(({ streamTimeMs, window }) => streamTimeMs - window.startMs)),
  ).toBe(200)
})
