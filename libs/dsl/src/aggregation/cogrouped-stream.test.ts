import { json, number, string } from '@millrace/record'
import { session, sliding, tumbling } from '@millrace/time'
import { expect, expectTypeOf, test } from 'vitest'
import { type KTable, type StreamBuilder, topology } from '../index.ts'
import { TopologyRun } from '../topology-fixture.ts'

const dropping = { nullValues: 'drop' } as const

function scores(t: StreamBuilder) {
  const clicks = t.stream('clicks', { value: json<string>(), ...dropping })
  const orders = t.stream('orders', { value: json<{ by: string; sum: number }>(), ...dropping })
  return clicks
    .groupByKey()
    .cogroup({ initial: () => 0, add: (score) => score + 1 })
    .cogroup(
      orders.groupBy((order) => order.by, { repartition: 'orders-by-customer' }),
      (score, order) => score + order.sum,
    )
}

test('inputs of different types share an aggregate, each behind its own repartition', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      const table = scores(t).aggregate({ name: 'scores', result: (score) => `${score}` })
      expectTypeOf(table).toEqualTypeOf<KTable<string, string | null>>()
      table.to('out')
    }),
  )
  expect(await run.pipe('clicks', 'ann', 'x', 10)).toMatchObject([{ key: 'ann', value: '1' }])
  expect(await run.pipe('orders', 'o1', { by: 'ann', sum: 50 }, 5)).toMatchObject([
    { key: 'ann', value: '51', timestampMs: 10 },
  ])
  await run.pipe('clicks', null, 'x', 11)
  await run.pipe('clicks', 'ann', null, 12)
  expect(run.leftOut.map(({ reason }) => reason)).toEqual(['null-key', 'null-value'])
})

test('one stream time decides for all inputs', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      const all = scores(t).windowedBy(tumbling({ size: 10 }))
      all.aggregate({ name: 'scores', emit: 'final', late: 'late' }).to('out')
    }),
  )
  await run.pipe('clicks', 'ann', 'x', 3)
  expect(await run.pipe('orders', 'o1', { by: 'bob', sum: 7 }, 12)).toMatchObject([
    { key: { key: 'ann', window: { startMs: 0, endMs: 10 } }, value: 1 },
  ])
  await run.pipe('clicks', 'ann', 'x', 4)
  expect(run.leftOut).toEqual([{ node: 'scores', reason: 'late' }])
})

test('windows that slide do it, too', async () => {
  const run = await TopologyRun.start(
    topology((t) => {
      const near = scores(t).windowedBy(sliding({ timeDifference: 5 }))
      near.aggregate({ name: 'scores', everyUpdate: true }).to('out')
    }),
  )
  await run.pipe('clicks', 'ann', 'x', 10)
  const results = await run.pipe('orders', 'o1', { by: 'ann', sum: 5 }, 12)
  expect(results.map(({ value }) => value)).toEqual([5, 6])
})

test('a late record is written as its own input writes it', () => {
  const built = topology((t) => {
    const left = t.stream('left', { value: json<number>(), ...dropping }).groupByKey()
    const right = t.stream('right', { value: number, ...dropping }).groupByKey()
    left
      .cogroup({ initial: () => 0, add: (sum, value) => sum + value })
      .cogroup(right, (sum, value) => sum + value)
      .windowedBy(tumbling({ size: 10 }))
      .aggregate({ name: 'sums', late: 'late' })
      .to('out')
  })
  const node = built.nodes.get('sums')
  const serde = node?.kind === 'processor' ? node.late?.valueSerde : undefined
  const record = { key: 'a', value: 7, timestampMs: 0, headers: [] }
  expect(serde?.serialize({ input: 0, record })).toEqual(Buffer.from('7'))
  expect(serde?.serialize({ input: 1, record })).toEqual(number.serialize(7))
})

test('what cannot share an aggregate is refused', () => {
  const invalid = expect.objectContaining({ code: 'MILLRACE_DSL_INVALID' })
  const sessions = (t: StreamBuilder) => scores(t).windowedBy(session({ gap: 5 }))
  expect(() => topology((t) => sessions(t).aggregate({ name: 's' }))).toThrow(invalid)
  const otherKeys = (t: StreamBuilder) => {
    const left = t.stream('left', { key: string, ...dropping }).groupByKey()
    const right = t.stream('right', { key: json<string>(), ...dropping }).groupByKey()
    left
      .cogroup({ initial: () => 0, add: (sum) => sum + 1 })
      .cogroup(right, (sum) => sum + 1)
      .aggregate({ name: 's' })
  }
  expect(() => topology(otherKeys)).toThrow(invalid)
})
