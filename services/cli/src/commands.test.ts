import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commands } from './commands.ts'

const reference = readFileSync(new URL('../../../docs/operations/cli.md', import.meta.url), 'utf8')

test.each(commands.map((command) => [command.name, command] as const))(
  'docs/operations/cli.md has a chapter on %s that begins with its usage',
  (name, { usage }) => {
    const chapter = reference.split('\n## ').find((text) => text.startsWith(`${name}\n`)) ?? ''
    expect(chapter.replaceAll('\n', ' ')).toContain(`\`${name} ${usage}\``)
  },
)

test('docs/operations/cli.md has no chapter on a command that is not there', () => {
  const chapters = [...reference.matchAll(/^## (.+)$/gm)].map(([, name]) => name)
  expect(chapters).toEqual(commands.map(({ name }) => name))
})
