import { expect, test } from 'vitest'
import { documentChecks } from './document-checks.ts'
import { findMissingRows, findMissingRunbooks } from './references.ts'

test.each(documentChecks)('$title', ({ findings }) => {
  expect(findings()).toEqual([])
})

test('a code without a chapter, a chapter without a paragraph and a strange chapter are found', () => {
  const text =
    '# Errors\n\n## `A_ONE`\n\n**Means** x.\n\n**Millrace** x.\n\n**Check** x.\n\n## `C_THREE`\n'
  expect(findMissingRunbooks({ path: 'e.md', text }, ['A_ONE', 'B_TWO'])).toEqual([
    'e.md: A_ONE has no paragraph "Fix"',
    'e.md has no chapter for B_TWO',
    'e.md: C_THREE is no error of Millrace',
  ])
})

test('a missing row is found', () => {
  expect(findMissingRows({ path: 'm.md', text: '| `a` | b |' }, ['a', 'b'])).toEqual([
    'm.md has no row for b',
  ])
})
