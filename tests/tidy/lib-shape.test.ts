import { expect, test } from 'vitest'
import { findCrowdedFolders, findShapelessLibs, findUnnamedExports } from './lib-shape.ts'
import { repositoryFiles } from './source-file.ts'

test('every lib has its package.json, its README and its index', () => {
  expect(findShapelessLibs(repositoryFiles())).toEqual([])
})

test('no folder is crowded', () => {
  expect(findCrowdedFolders(repositoryFiles())).toEqual([])
})

test('a lib without its parts is found, each part by name', () => {
  const findings = findShapelessLibs([
    { path: 'libs/new/README.md', text: '## Purpose\n## Words\n' },
  ])
  expect(findings).toEqual([
    'libs/new has no package.json',
    'libs/new/README.md has no chapter "Invariants"',
    'libs/new/README.md has no chapter "Where to add"',
    'libs/new has no src/index.ts',
  ])
})

test.each([
  ["export * from './a.ts'", 1],
  ['export default 1', 1],
  ['export const a = 1', 1],
  ["import './a.ts'", 1],
  ["export { a, type B } from './a.ts'\nexport type { C } from './c.ts'", 0],
])('an index that says %s has %i findings', (text, count) => {
  expect(findUnnamedExports({ path: 'libs/a/src/index.ts', text })).toHaveLength(count)
})

test('thirteen files in a folder are found, twelve and their tests are not', () => {
  const files = (count: number, ending: string) =>
    Array.from({ length: count }, (_, nth) => ({ path: `libs/a/src/${nth}${ending}`, text: '' }))
  expect(findCrowdedFolders([...files(12, '.ts'), ...files(12, '.test.ts')])).toEqual([])
  expect(findCrowdedFolders(files(13, '.ts'))).toHaveLength(1)
})
