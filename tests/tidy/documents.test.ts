import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  findDeadLinks,
  findUnexplainedDependencies,
  findUntidyDecisions,
  pathsOfChapter,
} from './documents.ts'
import { repositoryFiles, root } from './source-file.ts'

const files = repositoryFiles()
const exists = (path: string) => existsSync(join(root, path))
const architecture = files.find(({ path }) => path === 'docs/architecture.md')?.text ?? ''

test('the way of one record names files that exist, from the first stair to the last', () => {
  const paths = pathsOfChapter(architecture, /way of one record/i)
  expect(paths.length).toBeGreaterThanOrEqual(11)
  expect(paths.filter((path) => !exists(path))).toEqual([])
})

test('every decision has its number, its chapters and its line in the index', () => {
  expect(
    files.filter(({ path }) => /^docs\/decisions\/\d{4}-/.test(path)).length,
  ).toBeGreaterThanOrEqual(23)
  expect(findUntidyDecisions(files)).toEqual([])
})

test('every dependency has a line that says why it is there', () => {
  expect(findUnexplainedDependencies(files)).toEqual([])
})

test('a dead link is found, a live one and a web address are not', () => {
  const text = '[a](b.md) [c](../d.md#e) [f](https://example.org) [g](#h)'
  expect(findDeadLinks({ path: 'docs/x.md', text }, (path) => path === 'd.md')).toEqual([
    'docs/x.md:1 b.md does not exist',
  ])
})

test('a chapter gives its own paths and no other', () => {
  const text = '# A\n## The way\n1 libs/a/src/b.ts loop\n## Next\nlibs/c/src/d.ts\n'
  expect(pathsOfChapter(text, /the way/i)).toEqual(['libs/a/src/b.ts'])
})

test('a gap in the numbers, a missing chapter and a missing line are found', () => {
  const text = '# 2\n\n## Context\n\n## Decision\n'
  expect(findUntidyDecisions([{ path: 'docs/decisions/0002-b.md', text }])).toEqual([
    'docs/decisions/0002-b.md: 0001 is missing before it',
    'docs/decisions/0002-b.md has no line in docs/decisions/README.md',
    'docs/decisions/0002-b.md has no chapter "Consequences"',
  ])
})

test('an unexplained dependency and an unused explanation are found', () => {
  const findings = findUnexplainedDependencies([
    {
      path: 'libs/a/package.json',
      text: '{"dependencies":{"left-pad":"1.0.0","@millrace/b":"0.1.0"}}',
    },
    { path: 'docs/decisions/dependencies.md', text: '| `right-pad` | why |\n' },
  ])
  expect(findings).toEqual([
    'left-pad has no line in dependencies.md',
    'dependencies.md explains right-pad, which nobody uses',
  ])
})
