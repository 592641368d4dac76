import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentPath, measuredDocument } from './document.ts'

test('docs/timeliness.md says what is measured', { timeout: 300_000 }, async () => {
  expect(readFileSync(documentPath, 'utf8')).toBe(await measuredDocument())
})
