import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { topology } from '@millrace/dsl'
import { number, string } from '@millrace/record'
import { type Duration, tumbling } from '@millrace/time'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseMs } from '../../../tests/integration/harness/input.ts'
import { Scene } from '../../../tests/integration/harness/scene.ts'
import { startWorker } from '../../../tests/integration/harness/worker.ts'
import { describeWithKafka } from '../../../tools/kafka/test-kafka.ts'
import {
  type RunningRegistry,
  registryMissing,
  startRegistry,
} from '../../../tools/schema-registry/registry.ts'
import { schemaRegistry } from './index.ts'

// Records are written and read by the library that others use: @kafkajs/confluent-schema-registry.

interface Order {
  readonly customer: string
  readonly cents: number
  readonly currency: string
}

const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more })
const orderV1 = {
  type: 'record',
  name: 'Order',
  fields: [field('customer', 'string'), field('cents', 'int')],
}
const orderV2 = {
  ...orderV1,
  fields: [...orderV1.fields, field('note', ['null', 'string'], { default: null })],
}
const orderRead = {
  ...orderV1,
  fields: [...orderV1.fields, field('currency', 'string', { default: 'EUR' })],
}
const totalSchema = {
  type: 'record',
  name: 'Total',
  fields: [field('cents', 'long'), field('currency', 'string')],
}

const missing = registryMissing()

describe('with a schema registry', () => {
  if (missing !== undefined) {
    test('needs a schema registry', (context) => context.skip(missing))
    return
  }
  let registry: RunningRegistry
  beforeAll(async () => {
    registry = await startRegistry((line) => process.stdout.write(`${line}\n`))
  }, 600_000)
  afterAll(() => registry?.stop())

  describeWithKafka('records that name their schema', (brokers) => {
    const topics = { orders: 1, totals: 1, dead: 1, places: 1 }
    const open = () => Scene.open({ brokers, topics })
    const client = () => new SchemaRegistry({ host: registry.url })

    /** Registers a schema as a producer does. */
    const register = async (scene: Scene, topic: string, schema: object, type = 'AVRO') => {
      const schemaType = type === 'AVRO' ? {} : { schemaType: type }
      const subject = `${scene.topic(topic)}-value`
      const answer = await fetch(`${registry.url}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema: JSON.stringify(schema), ...schemaType }),
      })
      return ((await answer.json()) as { id: number }).id
    }

    const produce = async (scene: Scene, topic: string, key: string, value: Buffer) => {
      const producer = scene.cluster.producer({})
      producer.append(scene.topic(topic), 0, Buffer.from(key), value, baseMs, [])
      await producer.flush()
      await producer.close()
    }

    /** Orders summed by customer, read and written in Avro; what lies between is Millrace's own. */
    const summing = (scene: Scene, retryFor: Duration = '20s', timeout: Duration = '1s') => {
      const { avro } = schemaRegistry({ url: registry.url, retryFor, timeout })
      const total = avro<{ cents: number; currency: string }>({ schema: totalSchema })
      return topology((t) => {
        t.stream(scene.topic('orders'), {
          value: avro<Order>({ schema: orderRead }),
          nullValues: 'drop',
        })
          .groupBy(({ customer }) => customer, { repartition: 'by-customer' })
          .aggregate({
            name: 'totals',
            everyUpdate: true,
            initial: () => ({ cents: 0, currency: '' }),
            add: (sum, { cents, currency }) => ({ cents: sum.cents + cents, currency }),
          })
          .to(scene.topic('totals'), { value: total })
      })
    }

    const totals = async (scene: Scene) => {
      const records = (await scene.read('totals')).flat()
      return Promise.all(
        records.map(async ({ key, value }) => [
          String(key),
          { ...((await client().decode(value as Buffer)) as object) },
        ]),
      )
    }

    test('are read, also when the schema changes on the way, and written for others to read', async () => {
      await using scene = await open()
      const v1 = await register(scene, 'orders', orderV1)
      startWorker(scene, summing(scene), { state: 'one' })
      const write = async (id: number, value: object) =>
        produce(scene, 'orders', 'k', await client().encode(id, value))
      await write(v1, { customer: 'ann', cents: 100 })
      await scene.until('the first total', async () => (await totals(scene)).length === 1)
      const v2 = await register(scene, 'orders', orderV2)
      expect(v2).not.toBe(v1)
      await write(v2, { customer: 'ann', cents: 20, note: 'in a hurry' })
      await write(v1, { customer: 'bob', cents: 3 })
      await scene.until('all totals', async () => (await totals(scene)).length === 3)
      expect(await totals(scene)).toEqual([
        ['ann', { cents: 100, currency: 'EUR' }],
        ['ann', { cents: 120, currency: 'EUR' }],
        ['bob', { cents: 3, currency: 'EUR' }],
      ])
    })

    test('wait at the record while the registry does not answer, and lose nothing', async () => {
      await using scene = await open()
      const v1 = await register(scene, 'orders', orderV1)
      const v2 = await register(scene, 'orders', orderV2)
      const one = startWorker(scene, summing(scene, '60s', '500ms'), { state: 'one' })
      const bytesOf = async (id: number, value: object) => client().encode(id, value)
      const later = [
        await bytesOf(v2, { customer: 'ann', cents: 1, note: null }),
        await bytesOf(v1, { customer: 'ann', cents: 2 }),
      ]
      await produce(scene, 'orders', 'k', await bytesOf(v1, { customer: 'ann', cents: 4 }))
      await scene.until('the first total', async () => (await totals(scene)).length === 1)
      registry.hang()
      try {
        for (const value of later) await produce(scene, 'orders', 'k', value)
        await scene.until('the record is waited for', () =>
          one.worker.tasks().some(({ awaited }) => awaited !== null),
        )
        expect((await scene.committed('orders'))[0]).toBe(1)
      } finally {
        registry.goOn()
      }
      await scene.until('all totals', async () => (await totals(scene)).length === 3)
      expect((await totals(scene)).map(([, total]) => (total as { cents: number }).cents)).toEqual([
        4, 5, 7,
      ])
    })

    test('whose schema nobody has go the way of undecodable records, named by position and id', async () => {
      await using scene = await open()
      const v1 = await register(scene, 'orders', orderV1)
      startWorker(scene, summing(scene), { state: 'one', deadLetterTopic: scene.topic('dead') })
      const good = await client().encode(v1, { customer: 'ann', cents: 5 })
      const stranger = Buffer.from(good)
      stranger.writeInt32BE(987_654, 1)
      await produce(scene, 'orders', 'k', stranger)
      await produce(scene, 'orders', 'k', Buffer.from('{"customer":"ann"}'))
      await produce(scene, 'orders', 'k', good)
      await scene.until('the total', async () => (await totals(scene)).length === 1)
      const dead = (await scene.read('dead')).flat()
      expect(dead.map(({ value }) => value)).toEqual([stranger, Buffer.from('{"customer":"ann"}')])
      const said = dead.map(({ headers }) =>
        headers.map(([name, text]) => `${name}=${String(text)}`).join('\n'),
      )
      expect(said[0]).toContain('MILLRACE_SCHEMAS_UNKNOWN')
      expect(said[0]).toContain('schema 987654')
      expect(said[0]).toContain(scene.topic('orders'))
      expect(said[1]).toContain('not in the wire format of a schema registry')
    })

    test('stop the worker after the retries where there is no way on, naming position and id', async () => {
      await using scene = await open()
      const v1 = await register(scene, 'orders', orderV1)
      const bytes = await client().encode(v1, { customer: 'ann', cents: 5 })
      const one = startWorker(scene, summing(scene, '1s', '300ms'), { state: 'one' })
      await scene.until('it runs', () => one.worker.tasks().length === 2)
      registry.hang()
      try {
        await produce(scene, 'orders', 'k', bytes)
        await scene.until('it has stopped', () => one.worker.state === 'failed')
      } finally {
        registry.goOn()
      }
      const text = String(one.worker.error)
      expect(text).toContain('MILLRACE_SCHEMAS_UNKNOWN')
      expect(text).toContain(`schema ${v1} could not be fetched`)
      expect(text).toContain(`${scene.topic('orders')}[0]@0`)
    })

    test('are waited for at the start, while the registry is away', async () => {
      await using scene = await open()
      registry.hang()
      let one: ReturnType<typeof startWorker>
      try {
        one = startWorker(scene, summing(scene, '20s', '300ms'), { state: 'one' })
        await scene.until('it has asked for a while', () => one.worker.state !== 'running')
      } finally {
        registry.goOn()
      }
      await scene.until('it runs', () => one.worker.tasks().length === 2)
      expect(one.worker.error).toBe(null)
    })

    test('a schema that does not fit the subject refuses the start, with the reason', async () => {
      await using scene = await open()
      const subject = `${scene.topic('totals')}-value`
      await register(scene, 'totals', { ...totalSchema, fields: [field('euros', 'string')] })
      await fetch(`${registry.url}/config/${subject}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"compatibility":"BACKWARD"}',
      })
      const one = startWorker(scene, summing(scene), { state: 'one' })
      await scene.until('it has stopped', () => one.worker.state === 'failed')
      expect(String(one.worker.error)).toContain('MILLRACE_SCHEMAS_INCOMPATIBLE')
      expect(String(one.worker.error)).toContain(subject)
    })

    test('of JSON Schema are checked on both sides', async () => {
      await using scene = await open()
      const schema = (properties: object) => ({
        type: 'object',
        properties,
        required: Object.keys(properties),
      })
      const id = await register(scene, 'orders', schema({ cents: { type: 'integer' } }), 'JSON')
      const { jsonSchema } = schemaRegistry({ url: registry.url })
      const program = topology((t) => {
        const orders = jsonSchema<{ cents: number }>()
        t.stream(scene.topic('orders'), { value: orders, nullValues: 'drop' })
          .mapValues(({ cents }) => ({ euros: cents === 13 ? 'unlucky' : cents / 100 }))
          .to(scene.topic('totals'), {
            value: jsonSchema<{ euros: number | string }>({
              schema: schema({ euros: { type: 'number' } }),
            }),
          })
      })
      startWorker(scene, program, { state: 'one', deadLetterTopic: scene.topic('dead') })
      await produce(scene, 'orders', 'k', await client().encode(id, { cents: 250 }))
      const broken = Buffer.concat([
        (await client().encode(id, { cents: 1 })).subarray(0, 5),
        Buffer.from('{"cents":"many"}'),
      ])
      await produce(scene, 'orders', 'k', broken)
      await produce(scene, 'orders', 'k', await client().encode(id, { cents: 13 }))
      await produce(scene, 'orders', 'k', await client().encode(id, { cents: 300 }))
      await scene.until('both results', async () => (await totals(scene)).length === 2)
      expect((await totals(scene)).map(([, value]) => value)).toEqual([
        { euros: 2.5 },
        { euros: 3 },
      ])
      const dead = (await scene.read('dead')).flat()
      const codes = dead.map(({ headers }) => headers.map(([, text]) => String(text)).join(' '))
      expect(codes[0]).toContain('MILLRACE_RECORD_UNDECODABLE')
      expect(codes[1]).toContain('MILLRACE_RECORD_UNENCODABLE')
    })

    test('fill a global table, key windowed results, and are kept through lost disks', async () => {
      await using scene = await open()
      const placeSchema = { type: 'record', name: 'Place', fields: [field('city', 'string')] }
      const placeId = await register(scene, 'places', placeSchema)
      await produce(scene, 'places', 'ann', await client().encode(placeId, { city: 'Graz' }))
      const orderId = await register(scene, 'orders', orderV1)
      const { avro } = schemaRegistry({ url: registry.url })
      const city = avro<string>({
        schema: { type: 'string' } as object,
        subject: `${scene.name}-city`,
      })
      const program = topology((t) => {
        const places = t.globalTable(scene.topic('places'), {
          name: 'places',
          value: avro<{ city: string }>(),
        })
        t.stream(scene.topic('orders'), { value: avro<Order>(), nullValues: 'drop' })
          .join(places, (_, place) => place.city, { on: ({ customer }) => customer, value: string })
          .groupBy((place) => place, { key: city, repartition: 'by-city' })
          .windowedBy(tumbling({ size: '1h' }))
          .count({ name: 'per-city', everyUpdate: true, value: number })
          .to(scene.topic('totals'))
      })
      const order = await client().encode(orderId, { customer: 'ann', cents: 5 })
      await produce(scene, 'orders', 'k', order)
      const counts = async () => {
        const records = (await scene.read('totals')).flat()
        return Promise.all(
          records.map(async ({ key, value }) => {
            // The bare key as the registry's clients read it, then 8 bytes of window start.
            const bare = (key as Buffer).subarray(0, -8)
            return [
              await client().decode(bare),
              value?.readDoubleBE(),
              key?.readBigInt64BE(bare.length),
            ]
          }),
        )
      }
      const one = startWorker(scene, program, { state: 'one' })
      await scene.until('the first count', async () => (await counts()).length === 1)
      await one.worker.stop()
      startWorker(scene, program, { state: 'another' })
      await produce(scene, 'orders', 'k', order)
      await scene.until('the second count', async () => (await counts()).length === 2)
      expect(await counts()).toEqual([
        ['Graz', 1, BigInt(baseMs)],
        ['Graz', 2, BigInt(baseMs)],
      ])
    })
  })
})
