// `npm run lint`: oxlint (with types), biome (format and order of imports), knip (what nobody uses).
// `npm run lint -- --fix` lets them mend what they can.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { linters } from './linters.ts'

const root = join(import.meta.dirname, '../..')
const isFixing = process.argv.includes('--fix')

const failed = linters.filter(({ name, script, args, fixArgs = [] }) => {
  const options = [...args, ...(isFixing ? fixArgs : [])]
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...options], {
    cwd: root,
    stdio: 'inherit',
  })
  console.log(`${name}: ${status === 0 ? 'clean' : 'findings above'}`)
  return status !== 0
})
process.exitCode = failed.length === 0 ? 0 : 1
