import { expect, test } from 'vitest'
import { describeWithKafka } from '../../tools/kafka/test-kafka.ts'
import { baseMs, type RawInput } from './harness/input.ts'
import { Scene } from './harness/scene.ts'

const partitions = 2
const topics = { out: 1, receipts: 1, dead: 1 }

interface Hostile {
  readonly what: string
  readonly record: Partial<RawInput>
}

const good = '{"amount":1}'
const deep = 20_000
const nameless = Buffer.from([0xff, 0xfe, 0xfd])

/** Each goes to the dead-letter topic, byte for byte. */
const refused: readonly Hostile[] = [
  { what: 'no bytes at all', record: { value: '' } },
  { what: 'no UTF-8', record: { value: nameless } },
  { what: 'JSON that is cut off', record: { value: '{"amount":1' } },
  { what: 'two values', record: { value: `${good}${good}` } },
  { what: 'a byte order mark', record: { value: `\uFEFF${good}` } },
  { what: 'a number beyond all numbers', record: { value: '{"amount":1e999}' } },
  { what: 'not a number', record: { value: '{"amount":NaN}' } },
  { what: 'a prototype', record: { value: '{"amount":1,"__proto__":{"isAdmin":true}}' } },
  { what: 'nested without end', record: { value: '['.repeat(deep) + ']'.repeat(deep) } },
  { what: 'nested objects', record: { value: '{"a":'.repeat(deep) + '1' + '}'.repeat(deep) } },
  { what: 'a text of 900 KB', record: { value: `"${'x'.repeat(900_000)}"` } },
  { what: 'a colour and a new line for the log', record: { value: '\u001B[31m\n{"level":60}\n' } },
  { what: 'a schema id of nobody', record: { value: Buffer.from([0, 0, 0, 0, 7, 1, 2, 3]) } },
  { what: 'a key that is no UTF-8', record: { key: nameless } },
]

/** Each is an order like any other. */
const taken: readonly Hostile[] = [
  { what: 'a key of 100 KB', record: { key: 'k'.repeat(100_000) } },
  { what: 'a key with all that is not printed', record: { key: '\u0000\u202E\n\u001B[2J' } },
  { what: 'a key called like a property', record: { key: '__proto__' } },
  { what: 'two thousand headers', record: { headers: manyHeaders(2_000) } },
  { what: 'headers without a name', record: { headers: [['', Buffer.alloc(0)]] } },
  { what: 'the year 1970', record: { timestampMs: 0 } },
]

/** Its result is what the output topic refuses, so it is a dead letter too. */
const tooEarly: Hostile = { what: 'the year 10000', record: { timestampMs: Date.UTC(10_000, 0) } }

function manyHeaders(count: number): [string, Buffer][] {
  return Array.from({ length: count }, (_, n) => [`h${n % 7}`, Buffer.from(String(n))])
}

function recordOf({ record }: Hostile): RawInput {
  return { partition: 0, key: 'ann', value: good, timestampMs: baseMs, ...record }
}

describeWithKafka('records that somebody means badly', (brokers) => {
  test('end by the policy, one by one; nothing is lost, and the worker lives', async () => {
    await using scene = await Scene.open({ brokers, topics })
    const future = { 'message.timestamp.after.max.ms': '9223372036854775807' }
    await scene.create('in', partitions, future)
    const inputs = [...refused, ...taken, tooEarly].flatMap((hostile) => [
      recordOf(hostile),
      { partition: 1, key: 'bob', value: good, timestampMs: baseMs },
    ])
    await scene.feed('in', inputs)
    const one = scene.processor('orders.ts', 'one', {
      MILLRACE_DEAD_LETTER_TOPIC: scene.topic('dead'),
    })
    await one.ready()
    await scene.consumed('in')
    expect(await one.metric('millrace_conservation_mismatches_total')).toBe(0)
    expect((await one.end('SIGTERM')).code).toBe(0)
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false)

    const dead = (await scene.read('dead')).flat()
    expect(dead.map(({ key, value }) => [key, value])).toEqual(
      [...refused, tooEarly].map((hostile) => {
        const { key, value } = recordOf(hostile)
        return [Buffer.from(key as string), Buffer.from(value as string)]
      }),
    )
    const last = new Map(
      (await scene.read('out')).flat().map(({ key, value }) => [String(key), String(value)]),
    )
    const totals = new Map<string, number>([['bob', inputs.length / 2]])
    for (const hostile of taken) {
      const key = String(recordOf(hostile).key)
      totals.set(key, (totals.get(key) ?? 0) + 1)
    }
    expect(last).toEqual(
      new Map([...totals].map(([key, total]) => [key, JSON.stringify({ total })])),
    )
    // One line for each thing said, whatever the records hold.
    for (const line of one.text.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })
})
