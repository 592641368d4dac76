import { json, string } from '@millrace/record'
import { session } from '@millrace/time'
import { expect, test } from 'vitest'
import { agendaStore } from '../agenda/agenda.ts'
import { SessionAggregate } from '../session/session-aggregate.ts'
import { sessionRowSerde } from '../session/session-row-serde.ts'
import { namedFold } from './named-fold.ts'
import { distinct, first, last } from './named-values.ts'
import { OperatorRun, resultsStore, storeName } from './operator-fixture.ts'
import { RollingAggregate } from './rolling-aggregate.ts'

const of = {
  first: first((value: unknown) => value),
  last: last((value: unknown) => value),
  kinds: distinct((value: string | number) => value),
}

function started() {
  const fold = namedFold<string, string | number, typeof of>(of)
  return OperatorRun.start(
    new RollingAggregate({ storeName, fold, everyUpdate: true }),
    'key-value',
  )
}

test('first and last go by event time, whatever the order of arrival', async () => {
  const run = await started()
  for (const at of [20, 10, 30, 15]) run.process('a', `v${at}`, at)
  await run.commit()
  await run.restart()
  run.process('a', 'v25', 25)
  expect(run.results().at(-1)).toBe('a={"first":"v10","kinds":5,"last":"v30"}@30')
})

test('of records at one time, the first to come is first and the last to come is last', async () => {
  const run = await started()
  for (const value of ['x', 'y', 'z']) run.process('a', value, 5)
  expect(run.results().at(-1)).toBe('a={"first":"x","kinds":3,"last":"z"}@5')
})

test('a number and its text are two values, and the same value again is none', async () => {
  const run = await started()
  for (const value of [1, '1', 1, '__proto__', 'constructor', '__proto__'])
    run.process('a', value, 5)
  expect(run.results().at(-1)).toContain('"kinds":4')
})

test('sessions that meet put them together', async () => {
  const fold = namedFold<string, string | number, typeof of>(of)
  const windows = session({ gap: 10, grace: 50 })
  const emission = { kind: 'updates', everyUpdate: true } as const
  const valueSerde = sessionRowSerde(json()) as never
  const run = await OperatorRun.of(
    () => new SessionAggregate({ storeName, agendaName: 'due', windows, fold, emission }),
    [resultsStore('key-value', { keySerde: string, valueSerde }), agendaStore('due', 'test')],
  )
  for (const at of [0, 20, 10]) run.process('a', `v${at % 20}`, at)
  expect(run.records().at(-1)?.value).toEqual({ first: 'v0', last: 'v0', kinds: 2 })
})
