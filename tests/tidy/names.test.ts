import { errorCatalogue } from '@millrace/errors'
import { expect, test } from 'vitest'
import { findIdleErrorCodes, findUnknownNames } from './names.ts'
import { repositoryFiles } from './source-file.ts'

test('every error code is thrown somewhere, is named after a lib, and stands in order', () => {
  expect(findIdleErrorCodes(Object.keys(errorCatalogue), repositoryFiles())).toEqual([])
})

test('a name that no catalogue knows is found', () => {
  const text = 'Set `MILLRACE_COMMIT_INTERVALL` and watch\n`millrace_commit_totals` go up.'
  expect(findUnknownNames({ path: 'docs/a.md', text })).toEqual([
    'docs/a.md:1 unknown setting or error code MILLRACE_COMMIT_INTERVALL',
    'docs/a.md:2 unknown metric millrace_commit_totals',
  ])
})

test('prefixes and the series of a histogram are known', () => {
  const text = 'MILLRACE_KAFKA_* and millrace_commit_duration_seconds_bucket'
  expect(findUnknownNames({ path: 'docs/a.md', text })).toEqual([])
})

test('an idle, a homeless and a misplaced error code are found', () => {
  const files = [
    {
      path: 'libs/store/src/a.ts',
      text: "'MILLRACE_STORE_B' 'MILLRACE_STORE_A' 'MILLRACE_NOWHERE_C'",
    },
  ]
  expect(findIdleErrorCodes(['MILLRACE_STORE_A', 'MILLRACE_STORE_D'], files)).toEqual([
    'MILLRACE_STORE_D is thrown nowhere',
  ])
  expect(findIdleErrorCodes(['MILLRACE_NOWHERE_C'], files)).toEqual([
    'MILLRACE_NOWHERE_C names no lib',
  ])
  expect(findIdleErrorCodes(['MILLRACE_STORE_B', 'MILLRACE_STORE_A'], files)).toEqual([
    'MILLRACE_STORE_A stands after MILLRACE_STORE_B',
  ])
})
