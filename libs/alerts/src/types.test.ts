import { type KStream, type StreamBuilder, topology } from '@millrace/dsl'
import { json, string } from '@millrace/record'
import { tumbling } from '@millrace/time'
import { expect, expectTypeOf, test } from 'vitest'
import { type AlertEvent, alertRule, alerts, type Sample } from './index.ts'

interface Delays {
  readonly late: number
  readonly all: number
}

const named = {
  name: 'late',
  severity: 'warning',
  summary: 'Late.',
  runbook: 'https://example.org',
} as const

function expectBuilt(write: (t: StreamBuilder) => void): void {
  expect(topology(write).nodes.size).toBeGreaterThan(0)
}

test('the functions of a rule see the keys and values of the stream', () => {
  expectBuilt((t) => {
    const delays = t.stream('in', { key: string, value: json<Delays>(), nullValues: 'drop' })
    const events = alerts(
      delays,
      alertRule({
        ...named,
        when: (sample) => {
          expectTypeOf(sample).toEqualTypeOf<Sample<string, Delays>>()
          return sample.value.late > 3
        },
      }),
    )
    expectTypeOf(events).toEqualTypeOf<KStream<string, AlertEvent, 'changed'>>()
    events.to('out')
  })
})

test('of a windowed table the keys are bare, and the values are those that are not deleted', () => {
  expectBuilt((t) => {
    const counts = t
      .stream('in', { key: string, value: json<Delays>(), nullValues: 'drop' })
      .groupByKey()
      .windowedBy(tumbling({ size: '5m' }))
      .count({ name: 'counts' })
      .filter((records) => records > 1)
    alerts(
      counts,
      alertRule({
        ...named,
        when: (sample) => {
          expectTypeOf(sample).toEqualTypeOf<Sample<string, number>>()
          return sample.value > 3
        },
      }),
    ).to('out')
  })
})

test('a rule is one on values or on their absence, and of the values of its view', () => {
  const hot = alertRule<string, number>({ ...named, when: ({ value }) => value > 90 })
  // @ts-expect-error: both at once
  expect(() => alertRule({ ...named, when: () => true, absentFor: '5m' })).toThrow('two alerts')
  // @ts-expect-error: an absence has no `for`
  alertRule({ ...named, absentFor: '5m', for: '1m' })
  expectBuilt((t) => {
    const texts = t.stream('in', { key: string, value: string, nullValues: 'drop' })
    // @ts-expect-error: a rule over numbers
    alerts(texts, hot).to('out')
  })
})

test.each([
  [{ name: 'Late' }, 'lower case'],
  [{ severity: 'page' }, "its severity is 'page'"],
  [{ summary: ' ' }, 'no summary'],
  [{ runbook: 'see the wiki' }, 'is no URL'],
  [{ when: undefined }, 'neither `when` nor `absentFor`'],
  [{ when: undefined, absentFor: 0 }, 'its `absentFor` is 0'],
  [{ compare: { over: 0, of: () => 1 } }, 'its `compare.over` is 0'],
])('a rule that cannot be kept is refused: %o', (options, why) => {
  const given = { ...named, when: () => true, ...options }
  expect(() => alertRule(given as never)).toThrow(why)
})

test('the stream of a windowed table, and keys that were changed, are refused', () => {
  const rule = alertRule<string, number>({ ...named, when: () => true })
  const built = (write: (t: StreamBuilder) => void) => () => topology(write)
  const source = { key: string, value: json<number>(), nullValues: 'drop' } as const
  expect(
    built((t) => {
      const windowed = t
        .stream('in', source)
        .groupByKey()
        .windowedBy(tumbling({ size: '5m' }))
      alerts(windowed.count({ name: 'counts' }).toStream(), rule as never)
    }),
  ).toThrow('give the table')
  expect(
    built((t) => {
      const rekeyed = t.stream('in', source).selectKey(() => 'k')
      // @ts-expect-error: the records of one key lie in several partitions
      alerts(rekeyed, rule)
    }),
  ).toThrow('repartition() comes first')
})
