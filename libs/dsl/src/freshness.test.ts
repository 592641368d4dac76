import { json } from '@millrace/record'
import { type Duration, hopping, session, sliding, tumbling, type Windows } from '@millrace/time'
import type { ViewSpec } from '@millrace/topology'
import { expect, test } from 'vitest'
import { type StreamBuilder, topology } from './index.ts'

function viewOf(name: string, define: (t: StreamBuilder) => void): ViewSpec | undefined {
  const node = topology(define).nodes.get(name)
  return node?.kind === 'processor' ? node.view : undefined
}

const grouped = (t: StreamBuilder) => t.stream('in', { value: json<string>() }).groupByKey()
const promise = (target: Duration, objective = 0.99) => ({ freshness: { target, objective } })

type Emit = 'final' | { early: Duration; final: true }

/** The view of a count by windows. */
function counted(
  windows: Windows,
  emit: Emit | undefined,
  target?: Duration,
): ViewSpec | undefined {
  return viewOf('counts', (t) => {
    const options = { name: 'counts', emit, ...(target === undefined ? {} : promise(target)) }
    if (windows.kind === 'session') grouped(t).windowedBy(windows).count(options)
    else
      grouped(t)
        .windowedBy(windows as never)
        .count(options)
  })
}

test('what keeps results under a name is a view, with a target or without', () => {
  const view = viewOf('counts', (t) =>
    grouped(t).count({ name: 'counts', ...promise('30s', 0.999) }),
  )
  expect(view?.freshness).toEqual({ targetMs: 30_000, objective: 0.999 })
  expect(view?.resultsThroughMs(17)).toBe(17)
  expect(viewOf('rows', (t) => t.table('in', { name: 'rows' }))).toMatchObject({ name: 'rows' })
  expect(viewOf('table-1', (t) => t.table('in'))).toBeUndefined()
})

test('final results are out up to the end of the last window that has closed', () => {
  // [0---)[10--)[20--)      closed 2 s after their end
  const view = counted(tumbling({ size: '10s', grace: '2s' }), 'final')
  const through = [11_999, 12_000, 21_999, 22_000].map((at) => view?.resultsThroughMs(at))
  expect(through).toEqual([0, 10_000, 10_000, 20_000])
  // [0---)
  //   [4---)
  //     [8---)
  const hops = counted(hopping({ size: '10s', advance: '4s' }), 'final')
  expect([13_999, 14_000].map((at) => hops?.resultsThroughMs(at))).toEqual([10_000, 14_000])
})

test.each<[string, Windows, Emit | undefined, Duration, Duration]>([
  ['tumbling', tumbling({ size: '10s', grace: '2s' }), 'final', '12s', '11s'],
  ['hopping', hopping({ size: '10s', advance: '4s', grace: '2s' }), 'final', '6s', '5s'],
  ['sliding', sliding({ timeDifference: '10s', grace: '2s' }), 'final', '2s', '1s'],
  ['session', session({ gap: '10s', grace: '2s' }), 'final', '12s', '11s'],
  ['early', tumbling({ size: '10s' }), { early: '4s', final: true }, '4s', '3s'],
])('%s windows: a target below what they wait by design is refused', (_, windows, emit, ok, no) => {
  expect(counted(windows, emit, ok)?.freshness).toBeDefined()
  expect(() => counted(windows, emit, no)).toThrow(
    expect.objectContaining({
      code: 'MILLRACE_DSL_INVALID',
      message: expect.stringMatching(/'counts' cannot be kept: .* it takes by design/),
    }),
  )
})

test('suppress is a view of its own, as late as it holds back', () => {
  const held = (until: 'window-close' | { timeLimit: Duration }, target: Duration) => () =>
    viewOf('held', (t) =>
      grouped(t)
        .windowedBy(tumbling({ size: '10s', grace: '2s' }))
        .count({ name: 'counts' })
        .suppress({ name: 'held', until, ...promise(target) }),
    )
  expect(held('window-close', '12s')()?.resultsThroughMs(22_000)).toBe(20_000)
  expect(held('window-close', '11s')).toThrow(/by design/)
  expect(held({ timeLimit: '3s' }, '3s')()?.resultsThroughMs(10_000)).toBe(7_000)
  expect(held({ timeLimit: '3s' }, '2s')).toThrow(/by design/)
})

test.each([0, 0.5, 0.949, 1, 99, Number.NaN])('an objective of %s is refused', (objective) => {
  expect(() =>
    viewOf('counts', (t) => grouped(t).count({ name: 'counts', ...promise('30s', objective) })),
  ).toThrow(/its objective is .* not from 0.95 to 0.9999/)
})

test('a target of nothing, or of a table without a name, is refused', () => {
  expect(() =>
    viewOf('counts', (t) => grouped(t).count({ name: 'counts', ...promise('0s') })),
  ).toThrow(/its target is 0/)
  expect(() => viewOf('x', (t) => t.table('in', promise('30s')))).toThrow(
    expect.objectContaining({ code: 'MILLRACE_DSL_NAME_REQUIRED' }),
  )
})
