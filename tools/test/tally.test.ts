import { expect, test } from 'vitest'
import type { TestModule } from 'vitest/node'
import { closingLine, isGreen, skipReasons, tallyRun } from './tally.ts'

interface FakeTest {
  readonly state: string
  readonly note?: string
}

function moduleOf(
  tests: readonly FakeTest[],
  errors: readonly string[] = [],
  suiteErrors: readonly string[] = [],
) {
  const all = tests.map((fake) => ({ result: () => fake }))
  const allTests = (state?: string) =>
    all.filter((fake) => state === undefined || fake.result().state === state)
  const allSuites = () => [{ errors: () => suiteErrors }]
  return { errors: () => errors, children: { allTests, allSuites } } as unknown as TestModule
}

test('the closing line names the skipped tests only where there are some', () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
  expect(closingLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped')
})

test('every test counts once, by its state', () => {
  const module = moduleOf([
    { state: 'passed' },
    { state: 'passed' },
    { state: 'failed' },
    { state: 'skipped' },
  ])
  expect(tallyRun([module], [], 'failed')).toEqual({ passed: 2, failed: 1, skipped: 1 })
})

test('a file that does not load, a broken hook and a stray error are failures', () => {
  const unloadable = moduleOf([], ['SyntaxError'])
  const brokenHook = moduleOf([{ state: 'skipped' }], [], ['beforeAll threw'])
  expect(tallyRun([unloadable, brokenHook], [{ message: 'unhandled' }], 'failed').failed).toBe(3)
})

test('a run that was cut off is not green', () => {
  const tally = tallyRun([moduleOf([{ state: 'passed' }, { state: 'pending' }])], [], 'interrupted')
  expect(isGreen(tally)).toBe(false)
})

test('a run of no tests is not green', () => {
  expect(isGreen({ passed: 0, failed: 0, skipped: 4 })).toBe(false)
})

test('the reasons of skipped tests are told once each', () => {
  const note = 'needs Java'
  const module = moduleOf([
    { state: 'skipped', note },
    { state: 'skipped', note },
    { state: 'skipped' },
  ])
  expect(skipReasons([module])).toEqual([note, 'no reason given'])
})
