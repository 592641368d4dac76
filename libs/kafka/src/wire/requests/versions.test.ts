import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { KafkaRequest } from './kafka-request.ts'

const folder = import.meta.dirname
const document = readFileSync(`${folder}/../../../../../docs/kafka-protocol.md`, 'utf8')

/** `JoinGroup, SyncGroup | v5, v3` in the table's first columns, as entries. */
function documentedVersions(): Map<string, string> {
  const rows = document.split('\n').filter((line) => /^\| [A-Z]\w+.* \| v\d/.test(line))
  const entries = rows.flatMap((row) => {
    const [names, versions] = row
      .split('|')
      .slice(1, 3)
      .map((cell) => cell.trim().split(', '))
    return names!.map((name, i): [string, string] => [name, versions![i] ?? 'missing'])
  })
  return new Map(entries)
}

async function writtenVersions(): Promise<Map<string, string>> {
  const files = globSync('*/*.ts', { cwd: folder })
  const modules: object[] = await Promise.all(files.map((file) => import(`${folder}/${file}`)))
  const requests: KafkaRequest<never, unknown>[] = modules.flatMap((module) =>
    Object.values(module),
  )
  return new Map(requests.map((request) => [request.apiName, `v${request.apiVersion}`]))
}

test('docs/kafka-protocol.md names every request in the version that is sent, and no other', async () => {
  const written = await writtenVersions()
  expect(written.size).toBeGreaterThan(20)
  expect(documentedVersions()).toEqual(written)
})
