import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { internalSerde, type Serde } from '../serde.ts'
import { json } from './json.ts'
import type { StandardSchema } from './standard-schema.ts'

const Flight = z.object({ origin: z.string(), delay: z.number() })
const code = (expected: string) => expect.objectContaining({ code: expected })
const from = (text: string) => Buffer.from(text)

test('the type of the values is the output of the schema', () => {
  expectTypeOf(json(Flight)).toEqualTypeOf<Serde<{ origin: string; delay: number }>>()
  expectTypeOf(json(z.string().transform(Number))).toEqualTypeOf<Serde<number>>()
  expectTypeOf(json<{ a: 1 }>()).toEqualTypeOf<Serde<{ a: 1 }>>()
  expectTypeOf(json()).toEqualTypeOf<Serde<unknown>>()
  expectTypeOf<StandardSchemaV1<string, number>>().toExtend<StandardSchema<number>>()
})

test('a valid value passes, without the properties that the schema does not name', () => {
  expect(json(Flight).deserialize(from('{"origin":"ATL","delay":3,"x":1}'))).toEqual({
    origin: 'ATL',
    delay: 3,
  })
})

test('an invalid value is refused, naming each issue with its path', () => {
  const read = () => json(Flight).deserialize(from('{"origin":7,"delay":"x"}'))
  expect(read).toThrow(code('MILLRACE_RECORD_INVALID'))
  expect(read).toThrow(/origin: .*string.*; delay: .*number/)
})

test('of many issues only the first are named, and the others counted', () => {
  const read = () => json(z.array(z.number())).deserialize(from('["a","b","c","d","e","f","g"]'))
  expect(read).toThrow(/0: .*4: .*and 2 more/)
})

test('a schema that validates asynchronously is refused', () => {
  const schema = z.string().refine(async () => false)
  const standard = { '~standard': { ...schema['~standard'] } } as StandardSchema<string>
  expect(() => json(standard).deserialize(from('"a"'))).toThrow(
    code('MILLRACE_RECORD_SCHEMA_ASYNC'),
  )
})

test('something that is not a schema is refused when the topology is made', () => {
  expect(() => json({ type: 'object' } as never)).toThrow('not a Standard Schema')
})

test('what Millrace wrote itself is not transformed a second time', () => {
  const serde = json(z.object({ delay: z.string().transform(Number) }))
  const value = serde.deserialize(from('{"delay":"12"}'))
  const written = serde.serialize(value)
  expect(() => serde.deserialize(written)).toThrow(code('MILLRACE_RECORD_INVALID'))
  expect(internalSerde(serde).deserialize(written)).toEqual({ delay: 12 })
})

test('bytes that are not JSON are undecodable', () => {
  expect(() => json().deserialize(from('{"a":'))).toThrow(code('MILLRACE_RECORD_UNDECODABLE'))
  expect(() => json().deserialize(from(''))).toThrow(code('MILLRACE_RECORD_UNDECODABLE'))
})

test.each([
  '{"__proto__":{"isAdmin":true}}',
  '[1,{"a":{"__proto__":null}}]',
  '{"\\u005f_proto__":1}',
])('a property __proto__ is refused wherever it hides: %s', (text) => {
  expect(() => json().deserialize(from(text))).toThrow(code('MILLRACE_RECORD_INVALID'))
})

test('text that only mentions __proto__ is just text', () => {
  expect(json().deserialize(from('{"a":"__proto__","b":"\\u005f"}'))).toEqual({
    a: '__proto__',
    b: '_',
  })
})

test('deep nesting does not overflow the stack', () => {
  const depth = 5_000
  const text = `${'['.repeat(depth)}"__proto__"${']'.repeat(depth)}`
  expect(() => json().deserialize(from(text))).not.toThrow()
})
