import { count, json, session, string, topology, tumbling, unlimited } from 'millrace'
import { type AlertEvent, alertRule, alerts } from 'millrace/alerts'
import { createTestDriver } from 'millrace/testing'
import { describe, expect, test } from 'vitest'
import { feed, named, type Options, said } from './alert-fixture.ts'

describe('over windows', () => {
  function counted(options: Options, emit: 'final' | undefined) {
    const program = topology((t) => {
      const counts = t
        .stream('in', { key: string, value: json<number>(), nullValues: 'drop' })
        .groupByKey()
        .windowedBy(tumbling({ size: 10, grace: 5 }))
        .aggregate({ name: 'counts', of: { records: count() }, ...(emit && { emit }) })
      const rule = { when: ({ value }: { value: { records: number } }) => value.records > 1 }
      alerts(counts, alertRule({ ...named, ...rule, ...options } as never)).to('out')
    })
    return createTestDriver(program)
  }

  async function events(options: Options, emit: 'final' | undefined, at: readonly number[]) {
    await using driver = await counted(options, emit)
    await feed(driver, ...at.map((atMs) => [atMs, 1] as const))
    return said(driver)
  }

  test('a final result is known from the close of its window', async () => {
    expect(await events({}, 'final', [1, 2, 14])).toEqual([])
    expect(await events({}, 'final', [1, 2, 15])).toEqual([
      'hot/k fires at 15, since 15: condition',
    ])
  })

  test('results that come at once are as far apart as their windows', async () => {
    // Closes at 15, 25 and 35; all are seen at 100.
    const at = [1, 2, 11, 12, 21, 22, 100]
    expect(await events({ for: 20 }, 'final', at)).toEqual([
      'hot/k fires at 35, since 15: condition',
    ])
    // The last one says nothing from 45 on, when the next would have closed.
    expect(await events({ for: 30 }, 'final', at)).toEqual([])
  })

  test('a window without records begins `for` anew', async () => {
    expect(await events({ for: 20 }, 'final', [1, 2, 21, 22, 31, 32, 100])).toEqual([])
  })

  test('an update is looked at when time has passed its window', async () => {
    expect(await events({}, undefined, [1, 2, 9])).toEqual([])
    expect(await events({}, undefined, [1, 2, 10])).toEqual([
      'hot/k fires at 10, since 10: condition',
    ])
  })

  test('a late one changes what was said', async () => {
    const rule = { when: ({ value }: { value: { records: number } }) => value.records < 2 }
    expect(await events(rule as never, undefined, [1, 11, 3])).toEqual([
      'hot/k fires at 10, since 10: condition',
      'hot/k ends at 11: cleared',
    ])
  })

  test('an update is looked at at once where the rule says so, and the event says it', async () => {
    await using driver = await counted({ completeness: 'provisional' }, undefined)
    await feed(driver, [1, 1], [2, 1])
    const [event] = driver.output<string, AlertEvent>('out').readAll()
    expect(event?.value).toMatchObject({ isProvisional: true, window: { startMs: 0, endMs: 10 } })
  })
})

test('a session is complete when its gap is over, and not at each of its records', async () => {
  const program = topology((t) => {
    const sessions = t
      .stream('in', { key: string, value: json<number>(), nullValues: 'drop' })
      .groupByKey()
      .windowedBy(session({ gap: 10, grace: 5 }))
      .count({ name: 'sessions' })
    const rule = { when: ({ value }: { value: number }) => value === 2 }
    alerts(sessions, alertRule({ ...named, ...rule })).to('out')
  })
  await using driver = await createTestDriver(program)
  // Two records, then three in one session; two in the next.
  await feed(driver, [0, 1], [5, 1], [9, 1], [30, 1], [35, 1])
  expect(said(driver)).toEqual([])
  await feed(driver, [46, 1, 'x'])
  expect(said(driver)).toEqual(['hot/k fires at 46, since 46: condition'])
})

test('an unlimited window is looked at with every value', async () => {
  const program = topology((t) => {
    const counts = t
      .stream('in', { key: string, value: json<number>(), nullValues: 'drop' })
      .groupByKey()
      .windowedBy(unlimited())
      .count({ name: 'counts' })
    const rule = { when: ({ value }: { value: number }) => value === 2 }
    alerts(counts, alertRule({ ...named, ...rule })).to('out')
  })
  await using driver = await createTestDriver(program)
  await feed(driver, [0, 1], [5, 1], [9, 1])
  expect(said(driver)).toEqual(['hot/k fires at 5, since 5: condition', 'hot/k ends at 9: cleared'])
})
