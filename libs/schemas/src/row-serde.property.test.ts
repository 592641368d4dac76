import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowSerde } from './row-serde.ts'

const names = fc.oneof(fc.string(), fc.constantFrom('$bytes', '$number', '$$bytes', '$'))
const bytes = fc.uint8Array({ maxLength: 8 }).map((each) => Buffer.from(each))
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double().filter((each) => !Object.is(each, -0)),
    fc.boolean(),
    fc.constant(null),
    bytes,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      names.filter((name) => name !== '__proto__'),
      tie('value'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
  ),
})).value

test('what Avro can hold comes back as it was: bytes, numbers that are none, any property', () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(rowSerde.deserialize(rowSerde.serialize(value))).toEqual(value)
    }),
  )
})
