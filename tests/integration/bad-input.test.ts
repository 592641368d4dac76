import { headerText } from '@millrace/record'
import { expect, test } from 'vitest'
import type { TopicRecord } from '../../tools/demo/read-topic.ts'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs, type Input } from './harness/input.ts'
import { Scene } from './harness/scene.ts'

const topics = { in: 2, out: 1, receipts: 1, dead: 1 }

function order(value: unknown, more: Partial<Input> = {}): Input {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return { partition: 1, key: 'ann', value: text, timestampMs: baseMs, ...more }
}

/** The last sum of each customer. */
function sums(results: readonly (readonly TopicRecord[])[]): Record<string, number> {
  const entries = results.flat().map(({ key, value }) => {
    return [String(key), (JSON.parse(String(value)) as { total: number }).total]
  })
  return Object.fromEntries(entries)
}

describeWithKafka('a record that cannot be processed', (brokers) => {
  test('stops the processor, which names it, and commits nothing beyond it', async () => {
    await using scene = await Scene.open({ brokers, topics })
    await scene.feed('in', [order({ amount: 1 }), order('{"amount":'), order({ amount: 2 })])
    const one = scene.processor('orders.ts', 'one')
    expect((await one.ended()).code).toBe(1)
    const [failed] = one.said('the worker has failed')
    const said = JSON.stringify(failed)
    expect(said).toContain('MILLRACE_RECORD_UNDECODABLE')
    expect(said).toContain(`${scene.topic('in')}[1]@1`)
    expect(said).toContain('JSON')
    expect(said).toContain('MILLRACE_DEAD_LETTER_TOPIC')
    expect((await scene.committed('in'))[1]).toBeLessThanOrEqual(1)
    expect(Object.values(sums(await scene.read('out')))).not.toContain(3)

    // Again from there: the same record, the same end.
    const two = scene.processor('orders.ts', 'one')
    expect((await two.ended()).code).toBe(1)
    expect(two.text).toContain(`${scene.topic('in')}[1]@1`)
  })

  test('goes to the dead-letter topic byte for byte, and the rest is processed', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const headers = [['trace', Buffer.from([1, 2, 255])]] as const
    await scene.feed('in', [
      order({ amount: 1 }),
      order('{"amount":', { headers }),
      order({ amount: 'much' }),
      order({ amount: 2 }),
      order({ amount: 4 }, { key: null }),
      order({ amount: 8 }),
    ])
    const one = scene.processor('orders.ts', 'one', {
      MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
    })
    await one.ready()
    await scene.consumed('in')
    const letters = { reason: 'MILLRACE_RECORD_UNDECODABLE', lane: 'live' }
    await scene.until('it is counted', async () => {
      return (await one.metric('millrace_dead_letters_total', letters)) === 1
    })
    expect(await one.metric('millrace_dead_letters_total')).toBe(2)
    const dropped = { operator: 'sums', reason: 'null-key' }
    expect(await one.metric('millrace_records_dropped_total', dropped)).toBe(1)
    expect(await one.metric('millrace_conservation_mismatches_total')).toBe(0)
    expect((await one.end('SIGTERM')).code).toBe(0)

    expect(sums(await scene.read('out'))).toEqual({ ann: 11 })
    const dead = (await scene.read('dead')).flat()
    expect(dead.map(({ value }) => String(value))).toEqual(['{"amount":', '{"amount":"much"}'])
    expect(dead[0]?.key?.toString()).toBe('ann')
    expect(dead[0]?.headers[0]).toEqual(['trace', Buffer.from([1, 2, 255])])
    const header = (name: string) => dead.map((letter) => headerText(letter.headers, name))
    expect(header('millrace.dlq.code')).toEqual([
      'MILLRACE_RECORD_UNDECODABLE',
      'MILLRACE_RECORD_INVALID',
    ])
    expect(header('__streams.errors.topic')).toEqual([scene.topic('in'), scene.topic('in')])
    expect(header('__streams.errors.partition')).toEqual(['1', '1'])
    expect(header('__streams.errors.offset')).toEqual(['1', '2'])
    expect(header('millrace.dlq.timestamp')).toEqual([String(baseMs), String(baseMs)])
  })
})

interface Limit {
  readonly whose: string
  readonly configs: Record<string, string>
  readonly receiptBytes: number
}

describeWithKafka('a result that is too large', (brokers) => {
  const topicsButReceipts = { in: 2, out: 1, dead: 1 }
  const limits: readonly Limit[] = [
    { whose: 'any topic', configs: {}, receiptBytes: 1_200_000 },
    { whose: 'its topic', configs: { 'max.message.bytes': '20000' }, receiptBytes: 30_000 },
  ]

  for (const { whose, configs, receiptBytes } of limits) {
    const large = order({ amount: 2, receiptBytes })
    const inputs = [order({ amount: 1 }), large, order({ amount: 4, receiptBytes: 10 })]

    test(`for ${whose} stops the processor, which names the record that it was made from`, async () => {
      await using scene = await Scene.open({ brokers, topics: topicsButReceipts })
      await scene.create('receipts', 1, configs)
      await scene.feed('in', inputs)
      const one = scene.processor('orders.ts', 'one')
      expect((await one.ended()).code).toBe(1)
      const said = JSON.stringify(one.said('the worker has failed'))
      expect(said).toContain('MILLRACE_KAFKA_RECORD_REFUSED')
      expect(said).toContain(`${scene.topic('in')}[1]@1`)
      expect(said).toContain(scene.topic('receipts'))
      expect(said).toContain('max.message.bytes')
      expect((await scene.committed('in'))[1]).toBeLessThanOrEqual(1)
    })

    test(`for ${whose} sends the record that it was made from to the dead-letter topic`, async () => {
      await using scene = await Scene.open({ brokers, topics: topicsButReceipts })
      await scene.create('receipts', 1, configs)
      await scene.feed('in', inputs)
      const one = scene.processor('orders.ts', 'one', {
        MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
      })
      await one.ready()
      await scene.consumed('in')
      expect((await one.end('SIGTERM')).code).toBe(0)
      const dead = (await scene.read('dead')).flat()
      expect(dead.map(({ value }) => String(value))).toEqual([large.value])
      expect(dead.map(({ headers }) => headerText(headers, 'millrace.dlq.code'))).toEqual([
        'MILLRACE_KAFKA_RECORD_REFUSED',
      ])
      expect((await scene.read('receipts')).flat()).toHaveLength(1)
    })
  }

  test('is not what many small ones are together', async () => {
    await using scene = await Scene.open({ brokers, topics: topicsButReceipts })
    await scene.create('receipts', 1, { 'max.message.bytes': '20000' })
    const many = Array.from({ length: 100 }, () => order({ amount: 1, receiptBytes: 1_000 }))
    await scene.feed('in', many)
    const one = scene.processor('orders.ts', 'one')
    await one.ready()
    await scene.consumed('in')
    expect((await scene.read('receipts')).flat()).toHaveLength(100)
  })
})
