import fc from 'fast-check'
import { expect, test } from 'vitest'
import { identityOf, type Serde } from '../serde.ts'
import { bytes } from './bytes.ts'
import { json } from './json.ts'
import { number } from './number.ts'
import { sessionWindowed } from './session-windowed.ts'
import { string } from './string.ts'
import { windowed } from './windowed.ts'

const cases: readonly { serde: Serde<never>; values: fc.Arbitrary<unknown> }[] = [
  { serde: string as Serde<never>, values: fc.string({ unit: 'grapheme' }) },
  { serde: number as Serde<never>, values: fc.double().map((value) => value + 0) },
  { serde: bytes as Serde<never>, values: fc.uint8Array().map((array) => Buffer.from(array)) },
  {
    serde: json<never>(),
    values: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
  },
  {
    serde: windowed(string, 10) as Serde<never>,
    values: fc.record({
      key: fc.string(),
      window: fc
        .integer({ min: 0, max: 2 ** 50 })
        .map((startMs) => ({ startMs, endMs: startMs + 10 })),
    }),
  },
  {
    serde: sessionWindowed(string) as Serde<never>,
    values: fc.record({
      key: fc.string(),
      window: fc.record({
        startMs: fc.nat(2 ** 31 - 1),
        endMs: fc.integer({ min: 0, max: 2 ** 50 }),
      }),
    }),
  },
]

test.each(cases)('what $serde.name writes, it reads back', ({ serde, values }) => {
  fc.assert(
    fc.property(values, (value) => {
      fc.pre(!JSON.stringify(value)?.includes('__proto__'))
      expect(serde.deserialize(serde.serialize(value as never))).toEqual(value)
    }),
  )
})

test.each(cases)('identities of $serde.name are equal exactly where the bytes are', (it) => {
  const { serde, values } = it
  fc.assert(
    fc.property(values, values, (left, right) => {
      const sameBytes = serde.serialize(left as never).equals(serde.serialize(right as never))
      const sameIdentity = Object.is(
        identityOf(serde, left as never),
        identityOf(serde, right as never),
      )
      expect(sameIdentity).toBe(sameBytes)
    }),
  )
})
