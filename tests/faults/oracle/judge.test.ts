import { expect, test } from 'vitest'
import { type Folded, judge, judgeAtLeastOnce, type Reading } from './judge.ts'

const input: readonly Reading[] = [
  { id: 1, item: 'a', n: 5 },
  { id: 2, item: 'b', n: 7 },
  { id: 3, item: 'a', n: 3 },
  { id: 4, item: 'a', n: 9 },
]

const folded: readonly Folded[] = [
  { item: 'a', min: 5, sum: 5, count: 1 },
  { item: 'b', min: 7, sum: 7, count: 1 },
  { item: 'a', min: 3, sum: 8, count: 2 },
  { item: 'a', min: 3, sum: 17, count: 3 },
]

test('a run that shows each prefix once is right', () => {
  expect(judge(input, input, folded)).toMatchObject({ lost: 0, duplicated: 0, wrong: 0 })
})

test('a reading counted twice is wrong from there on, also where the minimum hides it', () => {
  const twice = [...folded.slice(0, 3), { item: 'a', min: 3, sum: 11, count: 3 }]
  expect(judge(input, input, twice)).toMatchObject({ wrong: 1 })
})

test('a result that comes again is a duplicate, one that never comes is lost', () => {
  expect(judge(input, input, [...folded, folded[3] as Folded])).toMatchObject({ duplicated: 1 })
  expect(judge(input, input, folded.slice(0, 3))).toMatchObject({ lost: 1 })
})

test('a result beyond the end of the input is wrong', () => {
  const beyond = [...folded, { item: 'b', min: 7, sum: 14, count: 2 }]
  expect(judge(input, input, beyond)).toMatchObject({ wrong: 1 })
})

test('echoes are compared record by record: missing, repeated, out of order, invented', () => {
  const [one, two, three, four] = input as [Reading, Reading, Reading, Reading]
  expect(judge(input, [one, two, four], folded)).toMatchObject({ lost: 1 })
  expect(judge(input, [one, one, two, three, four], folded)).toMatchObject({ duplicated: 1 })
  expect(judge(input, [one, two, four, three], folded)).toMatchObject({ wrong: 1 })
  const invented = { id: 99, item: 'a', n: 1 }
  expect(judge(input, [...input, invented], folded)).toMatchObject({ wrong: 1 })
})

test('at-least-once allows repetitions and counts them, and still sees what is lost or invented', () => {
  const again = [...input, input[0] as Reading]
  expect(judgeAtLeastOnce(input, again, folded)).toMatchObject({ lost: 0, duplicated: 1, wrong: 0 })
  expect(judgeAtLeastOnce(input, input.slice(1), folded)).toMatchObject({ lost: 1 })
  const invented = { id: 1, item: 'a', n: 4 }
  expect(judgeAtLeastOnce(input, [...input, invented], folded)).toMatchObject({ wrong: 1 })
  expect(judgeAtLeastOnce(input, input, folded.slice(0, 3))).toMatchObject({ lost: 1 })
})
