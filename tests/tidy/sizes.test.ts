import { expect, test } from 'vitest'
import { longFiles, longFunctions } from './exceptions.ts'
import { findLongFiles, findLongFunctions } from './sizes.ts'
import { repositoryFiles, typescriptFiles } from './source-file.ts'

test('no file is longer than 400 lines', () => {
  const code = repositoryFiles().filter(({ path }) => /\.(ts|mjs|js|css)$/.test(path))
  expect(code.flatMap(findLongFiles)).toEqual([])
})

test('no function is longer than 70 lines', () => {
  expect(typescriptFiles().flatMap(findLongFunctions)).toEqual([])
})

test('an exception names a file that exists and still needs it', () => {
  const files = typescriptFiles()
  const stale = [...longFiles, ...longFunctions].filter(
    ({ path }) => !files.some((file) => file.path === path),
  )
  expect(stale).toEqual([])
})

const lines = (count: number) => 'x()\n'.repeat(count)

test('401 lines are found, 400 are not', () => {
  expect(findLongFiles({ path: 'libs/a/src/a.ts', text: lines(400) })).toEqual([])
  expect(findLongFiles({ path: 'libs/a/src/a.ts', text: lines(401) })).toHaveLength(1)
})

test('a function of 71 lines is found, wherever it stands', () => {
  const body = (count: number) => `{\n${lines(count - 2)}}`
  expect(findLongFunctions({ path: 'a.ts', text: `function f() ${body(70)}` })).toEqual([])
  expect(findLongFunctions({ path: 'a.ts', text: `function f() ${body(71)}` })).toHaveLength(1)
  expect(findLongFunctions({ path: 'a.ts', text: `const f = () => ${body(71)}` })).toHaveLength(1)
  expect(findLongFunctions({ path: 'a.ts', text: `class A { f() ${body(71)} }` })).toHaveLength(1)
})

test('a chapter of tests may be long, a test in it may not', () => {
  const chapter = `describe('a', () => {\n${"test('b', () => {})\n".repeat(80)}})`
  const suite = `function groups(suite) {\n${"suite.test('b', () => {})\n".repeat(80)}}`
  const long = `describe('a', () => {\ntest('b', () => {\n${lines(80)}})\n})`
  expect(findLongFunctions({ path: 'a.test.ts', text: chapter })).toEqual([])
  expect(findLongFunctions({ path: 'a.ts', text: suite })).toEqual([])
  expect(findLongFunctions({ path: 'a.test.ts', text: long })).toHaveLength(1)
})
