import { noHeaders } from '@millrace/record'
import { expect, test } from 'vitest'
import { EffectIds } from './effect-ids.ts'

const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))

/** The ids of intents, each with the offset of the record that it comes from. */
function idsOf(isInternal: boolean, intents: readonly (readonly [number, string | null])[]) {
  let offset = -1
  const ids = new EffectIds(
    'mail',
    () => ({ topic: 'in', partition: 3, offset }),
    () => isInternal,
  )
  return intents.map(([at, value]) => {
    offset = at
    const headers = ids.on(noHeaders, { key: bytes('k'), value: bytes(value), timestampMs: 7 })
    return String(headers.at(-1)?.[1])
  })
}

test('of a topic outside, an id is the position and which effect of it this is', () => {
  expect(
    idsOf(false, [
      [5, 'a'],
      [5, 'b'],
      [6, 'c'],
    ]),
  ).toEqual(['mail/in-3@5#0', 'mail/in-3@5#1', 'mail/in-3@6#0'])
})

test('an internal topic begins again after a reset: another intent at a position has another id', () => {
  const [before, same] = [idsOf(true, [[5, 'a']]), idsOf(true, [[5, 'a']])]
  expect(before).toEqual(same)
  const others = [
    ...idsOf(true, [[5, 'b']]),
    ...idsOf(true, [[5, null]]),
    ...idsOf(true, [[5, '']]),
  ]
  expect(new Set([...before, ...others]).size).toBe(4)
  for (const id of others) expect(id).toMatch(/^mail\/in-3@5#0~[0-9a-f]{16}$/)
})
