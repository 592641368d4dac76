import type { TopicPartition } from '@millrace/record'
import { expect, test } from 'vitest'
import { Owners, withholdHeld } from './cooperative.ts'

const p0 = { topic: 'orders', partition: 0 }
const p1 = { topic: 'orders', partition: 1 }

type Claims = { [memberId: string]: [generation: number, partitions: TopicPartition[]] }

function assign(target: { [memberId: string]: TopicPartition[] }, claims: Claims) {
  const owners = new Owners(
    Object.entries(claims).map(([memberId, [generation, partitions]]) => ({
      memberId,
      generation,
      partitions,
    })),
  )
  return Object.fromEntries(withholdHeld(new Map(Object.entries(target)), owners))
}

test('a free partition is handed out at once', () => {
  expect(assign({ a: [p0], b: [p1] }, {})).toEqual({ a: [p0], b: [p1] })
})

test('what a member keeps stays with it', () => {
  expect(assign({ a: [p0] }, { a: [3, [p0]] })).toEqual({ a: [p0] })
})

test('a partition that changes hands is withheld while its owner holds it', () => {
  expect(assign({ a: [p0], b: [p1] }, { a: [3, [p0, p1]] })).toEqual({ a: [p0], b: [] })
})

test('of two claims the one of the later generation holds', () => {
  const claims: Claims = { a: [3, [p0]], b: [4, [p0]] }
  expect(assign({ a: [], b: [p0] }, claims)).toEqual({ a: [], b: [p0] })
  expect(assign({ a: [p0], b: [] }, claims)).toEqual({ a: [], b: [] })
})

test('a partition that two members claim in one generation goes to neither', () => {
  expect(assign({ a: [p0], b: [] }, { a: [4, [p0]], b: [4, [p0]] })).toEqual({ a: [], b: [] })
})

test('a third claim, older than two that contradict each other, does not decide between them', () => {
  const claims: Claims = { c: [2, [p0]], a: [4, [p0]], b: [4, [p0]] }
  expect(assign({ a: [], b: [], c: [p0] }, claims)).toEqual({ a: [], b: [], c: [] })
})
