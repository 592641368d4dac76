import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findHiddenTests, findMachinePaths, findPromises } from './marks.ts'
import { repositoryFiles, root, typescriptFiles } from './source-file.ts'

const others = repositoryFiles().filter(({ path }) => !path.startsWith('tests/tidy/'))

test('no work is put off in a comment', () => {
  expect(repositoryFiles().flatMap(findPromises)).toEqual([])
})

test('no test hides itself or others', () => {
  expect(typescriptFiles().flatMap(findHiddenTests)).toEqual([])
})

test('nothing names a place of one machine', () => {
  expect(others.flatMap(findMachinePaths)).toEqual([])
})

test('the lock file names no registry', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  expect(lock.match(/"resolved": "https?:[^"]*"/g) ?? []).toEqual([])
})

test('each kind of mark is found', () => {
  const later = ['TO', 'DO'].join('')
  expect(findPromises({ path: 'a.ts', text: `x()\n// ${later}: later` })).toEqual([
    `a.ts:2 ${later}`,
  ])
  expect(
    findHiddenTests({
      path: 'a.test.ts',
      text: "test.only('a', f)\ndescribe.skip.each([])('b', f)",
    }),
  ).toEqual(['a.test.ts:1 test.only', 'a.test.ts:2 describe.skip'])
  expect(findMachinePaths({ path: 'a.md', text: 'see /root/notes.txt' })).toEqual([
    'a.md:1 /root/notes.txt',
  ])
})

test('a skip that says why, and a web address, are no marks', () => {
  expect(
    findHiddenTests({
      path: 'a.test.ts',
      text: "test('a', (c) => c.skip('needs Java')); test.skipIf(x)('b', f)",
    }),
  ).toEqual([])
  expect(
    findMachinePaths({ path: 'a.md', text: 'https://example.org/work/a libs/work/b' }),
  ).toEqual([])
})
