import { expect, test } from 'vitest'
import { machineCalls } from './exceptions.ts'
import { findMachineCalls } from './machine-calls.ts'
import { repositoryFiles, typescriptFiles } from './source-file.ts'

test('no lib reads a clock, chance, the environment, the console or a socket by itself', () => {
  expect(typescriptFiles().flatMap(findMachineCalls)).toEqual([])
})

test('an exception names a place that exists', () => {
  const stale = machineCalls.filter(
    ({ path }) => !repositoryFiles().some((file) => file.path.startsWith(path)),
  )
  expect(stale).toEqual([])
})

test.each([
  ['const t = Date.now()', /clock\.nowMs/],
  ['const read = Date.now', /clock\.nowMs/],
  ['const t = new Date()', /clock\.nowMs/],
  ['globalThis.setTimeout(f, 10)', /clock\.setTimer/],
  ["import { setTimeout } from 'node:timers/promises'", /clock\.setTimer/],
  ['Math.random()', /random/],
  ['if (process.env.DEBUG) f()', /setting/],
  ['console.log(1)', /logger/],
  ["import { connect } from 'node:net'", /transport/],
])('%s is found in a lib', (text, instead) => {
  expect(findMachineCalls({ path: 'libs/store/src/a.ts', text }).join()).toMatch(instead)
})

test.each([
  ['libs/store/src/a.ts', 'const d = new Date(timestampMs)'],
  ['libs/store/src/a.ts', 'clock.setTimer(10, f); options.console.write()'],
  ['libs/store/src/a.test.ts', 'Date.now()'],
  ['services/processor/src/main.ts', 'process.env'],
  ['libs/time/src/clock.ts', 'Date.now()'],
])('in %s, %s is right', (path, text) => {
  expect(findMachineCalls({ path, text })).toEqual([])
})
