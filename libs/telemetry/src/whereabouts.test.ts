import { expect, test } from 'vitest'
import { Whereabouts, WhereaboutsReader } from './whereabouts.ts'

function pair(): { readonly writer: Whereabouts; readonly reader: WhereaboutsReader } {
  const names: Parameters<WhereaboutsReader['learn']>[0][] = []
  const writer = new Whereabouts((name) => names.push(name))
  const reader = new WhereaboutsReader(writer.buffer)
  const learning = new Proxy(reader, {
    get(target, property) {
      for (const name of names.splice(0)) target.learn(name)
      return (target[property as 'read'] as () => unknown).bind(target)
    },
  })
  return { writer, reader: learning }
}

test('a thread that does nothing is nowhere', () => {
  expect(pair().reader.read()).toEqual({ operator: null, record: null })
})

test('the reader names the operator whose turn it is, and the record', () => {
  const { writer, reader } = pair()
  const source = writer.sourceId('orders', 3)
  const [decode, sums] = [writer.operatorId('orders-source'), writer.operatorId('sums')]
  writer.enterRecord(source, 41, decode)
  const before = writer.enterOperator(sums)
  const record = { topic: 'orders', partition: 3, offset: 41 }
  expect(reader.read()).toEqual({ operator: 'sums', record })
  writer.enterOperator(before)
  expect(reader.read()).toEqual({ operator: 'orders-source', record })
  writer.leave()
  expect(reader.read()).toEqual({ operator: null, record: null })
})

test('a name is told once', () => {
  const told: string[] = []
  const writer = new Whereabouts(({ kind }) => told.push(kind))
  expect(writer.operatorId('sums')).toBe(writer.operatorId('sums'))
  expect(told).toEqual(['operator'])
})
