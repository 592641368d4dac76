import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avroFormat } from './avro-format.ts'
import type { FetchedSchema } from './registry-client.ts'
import { payloadOf, schemaIdOf, wire } from './wire-format.ts'

const order = (...fields: object[]) => ({ type: 'record', name: 'Order', fields }) as avsc.Schema
const customer = { name: 'customer', type: 'string' }
const cents = { name: 'cents', type: 'int' }
const writer = avsc.Type.forSchema(order(customer, cents))
const fetched = (type: avsc.Type) => type as unknown as FetchedSchema

test('bytes begin with a zero and the id, big-endian, as those of other clients', () => {
  const payload = Buffer.from([1, 2])
  const bytes = wire(258, payload)
  expect([...bytes]).toEqual([0, 0, 0, 1, 2, 1, 2])
  expect(schemaIdOf(bytes)).toBe(258)
  expect(payloadOf(bytes)).toEqual(payload)
  for (const other of ['{"a":1}', '', '\0\0\0\0']) {
    expect(() => schemaIdOf(Buffer.from(other))).toThrow('MILLRACE_RECORD_UNDECODABLE')
  }
})

test('a value is read as the own schema says, whatever its writer had', () => {
  const own = order(customer, { name: 'currency', type: 'string', default: 'EUR' })
  const read = avroFormat(own).readerOf(fetched(writer), 7)
  expect(read(writer.toBuffer({ customer: 'ann', cents: 5 }))).toEqual({
    customer: 'ann',
    currency: 'EUR',
  })
})

test('a writer that the own schema cannot follow is named, with the field', () => {
  const own = avroFormat(order(customer, { name: 'vat', type: 'int' }))
  expect(() => own.readerOf(fetched(writer), 7)).toThrow(
    /MILLRACE_SCHEMAS_INCOMPATIBLE: schema 7 cannot be read as Order: .*vat/,
  )
})

test('a schema that is none is refused where the serde is made', () => {
  expect(() => avroFormat({ type: 'recrod' })).toThrow('MILLRACE_SCHEMAS_INVALID')
  expect(() => avroFormat('{')).toThrow('MILLRACE_SCHEMAS_INVALID')
})
