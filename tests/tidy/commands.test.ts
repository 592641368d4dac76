import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandTable, findStrayCommands } from './commands.ts'
import { root } from './source-file.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('every npm script goes through the set-up, which knows where it begins', () => {
  const commands = commandTable(read('tools/setup.mjs'))
  const { scripts } = JSON.parse(read('package.json'))
  expect(commands.size).toBeGreaterThan(0)
  expect(findStrayCommands(scripts, commands, (path) => existsSync(join(root, path)))).toEqual([])
})

test('a script around the set-up, a missing command and a missing file are found', () => {
  const commands = commandTable("const commands = {\n  test: ['tools/test/main.ts'],\n}")
  expect(findStrayCommands({ lint: 'oxlint' }, commands, () => false)).toEqual([
    'npm run lint does not go through the set-up: oxlint',
    'tools/setup.mjs has no command lint',
    'package.json has no script test',
    'test starts tools/test/main.ts, which does not exist',
  ])
})
