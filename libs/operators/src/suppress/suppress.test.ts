import { headerText, json, number, string, windowed } from '@millrace/record'
import { session, tumbling, type Window, type Windows } from '@millrace/time'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { OperatorRun, resultsStore, storeName } from '../aggregate/operator-fixture.ts'
import { resultHeader, resultHeaders } from '../emission/result-headers.ts'
import { Suppress, type SuppressOptions } from './suppress.ts'
import { suppressedSerde } from './suppressed.ts'

function started(options: Partial<SuppressOptions>, keySerde: unknown = string) {
  const valueSerde = suppressedSerde(json()) as never
  const common = { storeName, agendaName: 'due', heldMs: 10, whenFull: 'emit-early' } as const
  const until = { kind: 'time-limit', limitMs: Number.MAX_SAFE_INTEGER } as const
  return OperatorRun.of(
    () => new Suppress({ ...common, until, hasHeaders: true, ...options }),
    [
      resultsStore('key-value', { keySerde: keySerde as never, valueSerde }),
      agendaStore('due', 'test'),
    ],
  )
}

function untilClose(windows: Windows) {
  const closesAt = (window: Window) => windows.closesAt(window)
  return started({ until: { kind: 'window-close', closesAt } }, windowed(string, 10))
}

const of = (key: string, startMs: number) => ({ key, window: { startMs, endMs: startMs + 10 } })

test('the time limit runs from the first update of a key, whatever comes after (S05)', async () => {
  const run = await started({ until: { kind: 'time-limit', limitMs: 2 } })
  run.process('v1', 1, 0)
  run.process('v1', 0, 1)
  run.process('v2', 1, 1)
  expect(run.results()).toEqual([])
  run.process('v1', 1, 2)
  expect(run.results()).toEqual(['v1=1@2'])
  run.process('tick', 1, 3)
  expect(run.results()).toEqual(['v2=1@1'])
})

test('at one row more than it may hold, the first goes early; a restart changes nothing (S07)', async () => {
  const run = await started({ maxRows: 3 })
  const results: string[] = []
  for (const n of [1, 2, 3, 4, 5]) run.process(`k${n}`, 1, n)
  results.push(...(await run.commit()))
  await run.restart()
  for (const n of [6, 7, 8]) run.process(`k${n}`, 1, n)
  results.push(...run.results())
  expect(results).toEqual(['k1=1@1', 'k2=1@2', 'k3=1@3', 'k4=1@4', 'k5=1@5'])
})

test('what goes early leaves nothing behind, however long the limit', async () => {
  const run = await started({ maxRows: 1 })
  for (let at = 0; at < 50; at++) run.process(`k${at}`, 1, at)
  await run.commit()
  expect(await run.rows()).toHaveLength(1)
  expect(await run.rows('due')).toHaveLength(1)
})

test('full, it stops the application where it is told to', async () => {
  const run = await started({ maxRows: 2, whenFull: 'stop' })
  run.process('a', 1, 0)
  run.process('b', 1, 0)
  run.process('a', 2, 5)
  expect(() => run.process('c', 1, 6)).toThrow(
    expect.objectContaining({ code: 'MILLRACE_OPERATORS_SUPPRESS_FULL', recovery: 'stop' }),
  )
})

test('until window close: one result a window, at end + grace, and the update before is not sent', async () => {
  const run = await untilClose(tumbling({ size: 10, grace: 5 }))
  run.process(of('a', 0), 1, 3)
  run.process(of('a', 0), 2, 9)
  run.process(of('b', 10), 1, 14)
  expect(run.results()).toEqual([])
  run.process(of('b', 10), 2, 15)
  expect(run.results()).toEqual(['a[0]=2@9'])
})

test('a session is final when the late rule has closed it, not a millisecond before (S08)', async () => {
  // gap 5: the session [0, 10] closes at 10 + 5 + 1
  const run = await untilClose(session({ gap: 5 }))
  run.process(of('a', 0), 1, 10)
  run.process(of('b', 5), 1, 15)
  expect(run.results()).toEqual([])
  run.process(of('b', 6), 1, 16)
  expect(run.results()).toEqual(['a[0]=1@10'])
})

test('a deletion that is held until the close goes nowhere', async () => {
  const run = await untilClose(tumbling({ size: 10 }))
  run.process(of('a', 0), 1, 3)
  run.process(of('a', 0), null, 4)
  run.process(of('b', 20), 1, 25)
  expect(run.results()).toEqual([])
})

test('a final result says so, with the revision and the headers of the update that it was', async () => {
  const run = await untilClose(tumbling({ size: 10 }))
  const window = { startMs: 0, endMs: 10 }
  const headers = resultHeaders({ kind: 'update', revision: 7, window, streamTimeMs: 3 })
  run.process(of('a', 0), 1, 3, [['trace', Buffer.from('1')], ...headers])
  await run.commit()
  await run.restart()
  run.process(of('b', 20), 1, 25, [['trace', Buffer.from('2')]])
  const [final] = run.records()
  const said = Object.values(resultHeader).map((name) => headerText(final?.headers ?? [], name))
  expect(said).toEqual(['final', '7', '0', '10', '25'])
  expect(headerText(final?.headers ?? [], 'trace')).toBe('1')
  expect(final?.headers).toHaveLength(6)
})

test('keys that are numbers are held as well', async () => {
  const run = await started({ maxRows: 1 }, number)
  run.process(7, 'x', 0)
  run.process(8, 'y', 0)
  expect(run.records().map(({ key }) => key)).toEqual([7])
})
