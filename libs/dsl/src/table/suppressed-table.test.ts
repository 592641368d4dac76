import { json } from '@millrace/record'
import { hopping, session, tumbling, unlimited } from '@millrace/time'
import { expect, test } from 'vitest'
import { type StreamBuilder, topology } from '../index.ts'
import { TopologyRun } from '../topology-fixture.ts'

const invalid = expect.objectContaining({ code: 'MILLRACE_DSL_INVALID' })

function built(define: (t: StreamBuilder) => void) {
  return () => topology(define)
}

const counted = (t: StreamBuilder) => t.stream('in', { value: json<string>() }).groupByKey()

test('what cannot be suppressed is refused when the topology is written', () => {
  const close = { name: 's', until: 'window-close' } as const
  expect(built((t) => t.table('in').suppress(close))).toThrow(invalid)
  expect(
    built((t) => counted(t).windowedBy(unlimited()).count({ name: 'c' }).suppress(close)),
  ).toThrow(invalid)
  expect(
    built((t) => {
      const table = counted(t)
        .windowedBy(tumbling({ size: 10 }))
        .count({ name: 'c' })
      table.suppress({ ...close, maxRows: 5, whenFull: 'emit-early' })
    }),
  ).toThrow(invalid)
  const limit = { name: 's', until: { timeLimit: 5 } } as const
  expect(built((t) => t.table('in').suppress({ ...limit, maxRows: 0 }))).toThrow(invalid)
  expect(built((t) => t.table('in').suppress({ ...limit, name: '' }))).toThrow(
    expect.objectContaining({ code: 'MILLRACE_DSL_NAME_REQUIRED' }),
  )
})

test('windows are known through filters and new values', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      counted(t)
        .windowedBy(hopping({ size: 10, advance: 5 }))
        .count({ name: 'c' })
        .mapValues((count) => count * 10)
        .filter((count) => count > 10)
        .suppress({ name: 's', until: 'window-close' })
        .to('out')
    }),
  )
  for (const at of [6, 7, 8]) await run.pipe('in', 'a', 'x', at)
  await run.pipe('in', 'b', 'x', 12)
  const [first] = await run.pipe('in', 'b', 'x', 14)
  expect(first).toMatchObject({ key: { key: 'a', window: { startMs: 0 } }, value: 30 })
})

test('results do not depend on where commits fall, also with sessions', async () => {
  const define = (t: StreamBuilder) => {
    counted(t)
      .windowedBy(session({ gap: 5, grace: 70 }))
      .count({ name: 'c' })
      .suppress({ name: 's', until: 'window-close' })
      .to('out')
  }
  const started = () => TopologyRun.start(topology(define))
  // Of the second commit z changed first, and its 98 closes what a's session was before, [20, 20].
  const records = [
    ['a', 20, 'commit'],
    ['z', 30, ''],
    ['a', 25, ''],
    ['z', 98, 'commit'],
    ['z', 200, 'commit'],
  ] as const
  const [often, seldom] = [await started(), await started()]
  const results: { often: unknown[]; seldom: unknown[] } = { often: [], seldom: [] }
  for (const [key, at, then] of records) {
    results.often.push(...(await often.pipe('in', key, 'x', at)))
    seldom.feed('in', key, 'x', at)
    if (then === 'commit') results.seldom.push(...(await seldom.commit()))
  }
  expect(results.seldom).toEqual(results.often)
  expect(results.often).toMatchObject([{ value: 2 }, { value: 1 }, { value: 1 }])
})
