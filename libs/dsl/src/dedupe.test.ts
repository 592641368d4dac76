import { json } from '@millrace/record'
import { expect, test } from 'vitest'
import { topology } from './index.ts'
import { TopologyRun } from './topology-fixture.ts'

interface Payment {
  readonly id: string
  readonly account: string
}

const payments = { value: json<Payment>(), nullValues: 'drop' } as const

test('a payment that is sent twice passes once', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      t.stream('payments', payments)
        .dedupe({ name: 'seen', within: 60_000, id: ({ id }) => id, late: 'late' })
        .to('once')
    }),
  )
  const pay = (id: string, timestampMs: number) =>
    run.pipe('payments', 'ann', { id, account: 'x' }, timestampMs)
  expect((await pay('p1', 1_000)).map(({ topic }) => topic)).toEqual(['once'])
  expect(await pay('p1', 2_000)).toEqual([])
  expect(await pay('p2', 2_000)).toHaveLength(1)
  expect(await pay('p1', 61_000)).toHaveLength(1)
  expect(run.leftOut).toEqual([{ node: 'seen', reason: 'duplicate' }])
})

test('behind a new key it has a repartition, by that key', () => {
  const made = topology((t) => {
    t.stream('payments', payments)
      .selectKey(({ account }) => account)
      .dedupe({ name: 'seen', within: '1m', repartition: 'by-account' })
      .to('once')
  })
  expect([...made.repartitions.keys()]).toEqual(['by-account'])
  expect(made.stores.get('seen')?.window).toEqual({ sizeMs: 60_000, graceMs: 60_000 })
})

test('what cannot be is refused', () => {
  const made = (options: object) => () =>
    topology((t) =>
      t
        .stream('payments', payments)
        .dedupe(options as never)
        .to('once'),
    )
  expect(made({ within: '1m' })).toThrow(/MILLRACE_DSL_NAME_REQUIRED/)
  expect(made({ name: 'seen', within: 0 })).toThrow(/MILLRACE_TIME_WINDOW_INVALID.*0 ms/)
})

test('a function chooses among topics for each record, and no other', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      t.stream('payments', payments).to(({ account }) => `to-${account}`, {
        topics: ['to-x', 'to-y'],
        name: 'routed',
      })
    }),
  )
  const pay = (account: string) => run.pipe('payments', 'ann', { id: '1', account }, 1)
  expect((await pay('y')).map(({ topic }) => topic)).toEqual(['to-y'])
  expect((await pay('x')).map(({ topic }) => topic)).toEqual(['to-x'])
  await expect(pay('z')).rejects.toThrow(/MILLRACE_OPERATORS_ROUTE.*'to-z'.*to-x, to-y/)
})
