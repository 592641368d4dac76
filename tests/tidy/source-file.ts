// The repository as the checks see it: every file that people write, with its text.

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** One file. Checks take these, so that a test of a check can make one up. */
export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** What a check found wrong: `path:line what and what to do instead`. */
export type Finding = string

export const root = join(import.meta.dirname, '../..')

const generatedDirs = new Set([
  'node_modules',
  'dist',
  '.git',
  '.cache',
  '.nx',
  '.millrace',
  'coverage',
])
const textFiles =
  /\.(ts|mjs|js|json|md|yml|yaml|xml|html|css|sh|toml|env|example|properties)$|(^|\/)(Dockerfile|LICENSE|run|\.npmrc|\.gitignore|\.dockerignore)$/

let all: readonly SourceFile[] | undefined

/** Every text file of the repository, read once. */
export function repositoryFiles(): readonly SourceFile[] {
  all ??= walk(root)
    .map((file) => relative(root, file).split(sep).join('/'))
    .filter((path) => textFiles.test(path) && path !== 'package-lock.json')
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
  return all
}

/** The TypeScript of the repository, tests included. */
export function typescriptFiles(): readonly SourceFile[] {
  return repositoryFiles().filter(({ path }) => path.endsWith('.ts'))
}

/** True for what only tests load: tests, their fixtures (`src/…/testing/`), conformance suites. */
export function isTestCode(path: string): boolean {
  return /\.test\.ts$|\/src\/.*\/?testing\/|\/conformance\/|^tests\//.test(path)
}

export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (generatedDirs.has(entry.name)) return []
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return walk(path)
    return entry.isFile() ? [path] : []
  })
}
