import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const root = join(import.meta.dirname, '../..')

/** Text of a file, by its path from the repository's root. */
export function fileText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** All documents of a YAML file. */
export function yamlDocuments(path: string): readonly unknown[] {
  return parseAllDocuments(fileText(path), { merge: true }).map((document) => {
    const [error] = document.errors ?? []
    if (error) throw error
    return document.toJS()
  })
}

/** `NAME=value` lines of an env file, comments left out. */
export function envFile(path: string): Readonly<Record<string, string>> {
  const lines = fileText(path).split('\n')
  const pairs = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}
