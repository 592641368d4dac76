import { expect, test } from 'vitest'
import { Stretch } from './stretch.ts'

/** Processes stretches of records that take so long each; how long the stretches took. */
function run(stretch: Stretch, perRecordMs: number, times: number): readonly number[] {
  return Array.from({ length: times }, () => {
    const elapsedMs = stretch.records * perRecordMs
    stretch.took(stretch.records, elapsedMs)
    return elapsedMs
  })
}

test('records that take no time are processed many at once', () => {
  const stretch = new Stretch(20)
  run(stretch, 0.001, 10)
  expect(stretch.records).toBe(256)
})

test('of records that take long only the first is waited for', () => {
  const stretch = new Stretch(20)
  expect(run(stretch, 100, 3)).toEqual([100, 100, 100])
})

test('when records begin to take long, one stretch does, and the next are short again', () => {
  const stretch = new Stretch(20)
  run(stretch, 0.001, 10)
  expect(run(stretch, 1, 3)).toEqual([256, 10, 10])
})

test('a stretch that ended early says nothing of a larger one', () => {
  const stretch = new Stretch(20)
  stretch.took(0, 0)
  expect(stretch.records).toBe(1)
})
