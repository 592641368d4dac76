// The compiler and the linters as tests, so that `npm test` counts them. Their own commands
// (`npm run typecheck`, `npm run lint`) print the same findings faster.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linters } from '../../tools/lint/linters.ts'
import { root } from './source-file.ts'

const timeoutMs = 180_000
const linesShown = 60

test('the whole tree has no type errors', { timeout: timeoutMs }, async () => {
  expect(await complaints('typescript/bin/tsc', ['-p', 'tsconfig.json'])).toBe('')
})

test.each(linters)('$name has no findings', { timeout: timeoutMs }, async ({ script, args }) => {
  expect(await complaints(script, args)).toBe('')
})

/** What the tool printed, when it failed; nothing when it ended well. */
function complaints(script: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      resolve(code === 0 ? '' : `exit code ${code}\n${beginning(output)}`),
    )
  })
}

/** Enough to see what is wrong; the tool's own command shows the rest. */
function beginning(output: string): string {
  const lines = output.split('\n')
  const more = lines.length - linesShown
  return [...lines.slice(0, linesShown), ...(more > 0 ? [`… ${more} lines more`] : [])].join('\n')
}
