import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { keptProcessId } from './process-id.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-process-id-'))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a process is the same after a restart on its state, and another on other state', () => {
  const first = keptProcessId(join(dir, 'one', 'app', 'process-id'))
  expect(keptProcessId(join(dir, 'one', 'app', 'process-id'))).toBe(first)
  expect(keptProcessId(join(dir, 'two', 'app', 'process-id'))).not.toBe(first)
})

test('an id that was never written to its end is made anew', () => {
  const file = join(dir, 'torn', 'process-id')
  keptProcessId(file)
  writeFileSync(file, '')
  expect(keptProcessId(file)).not.toBe('')
})
