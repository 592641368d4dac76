import { crowdedFolders } from './exceptions.ts'
import type { Finding, SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'
import { type Node, parse } from './syntax.ts'

const chapters = ['Purpose', 'Words', 'Invariants', 'Where to add']

/** Every folder under libs/ has a package.json, a README of four chapters and an index that names its exports. */
export function findShapelessLibs(files: readonly SourceFile[]): Finding[] {
  const dirs = new Set(files.flatMap(({ path }) => /^libs\/[^/]+/.exec(path) ?? []))
  return [...dirs].flatMap((dir) => {
    const find = (name: string) => files.find(({ path }) => path === `${dir}/${name}`)
    const index = find('src/index.ts')
    return [
      ...(find('package.json') ? [] : [`${dir} has no package.json`]),
      ...findReadmeGaps(dir, find('README.md')),
      ...(index ? findUnnamedExports(index) : [`${dir} has no src/index.ts`]),
    ]
  })
}

function findReadmeGaps(dir: string, readme: SourceFile | undefined): Finding[] {
  if (readme === undefined) return [`${dir} has no README.md`]
  return chapters
    .filter((chapter) => !new RegExp(`^#{2,3} ${chapter}`, 'm').test(readme.text))
    .map((chapter) => `${readme.path} has no chapter "${chapter}"`)
}

/** The index is the API report: every name stands in it, once, and nothing else does. */
export function findUnnamedExports(index: SourceFile): Finding[] {
  const statements = parse(index).body as Node[]
  return statements
    .filter(({ type, declaration }) => type !== 'ExportNamedDeclaration' || declaration != null)
    .map(
      ({ type, start }) =>
        `${index.path}:${lineOf(index.text, start)} ${type}: name what is exported, one by one`,
    )
}

const filesMax = 12

/** A folder splits by noun past twelve files; tests beside their files do not count. */
export function findCrowdedFolders(files: readonly SourceFile[]): Finding[] {
  const counts = new Map<string, number>()
  for (const { path } of files) {
    if (
      !/^(libs|services)\/.*\.ts$/.test(path) ||
      path.endsWith('.test.ts') ||
      path.endsWith('/index.ts')
    )
      continue
    const folder = path.slice(0, path.lastIndexOf('/'))
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return [...counts].flatMap(([folder, count]) => {
    const limit = crowdedFolders.find(({ path }) => path === folder)?.limit ?? filesMax
    return count <= limit
      ? []
      : [`${folder} holds ${count} files, ${limit} allowed: split it by noun`]
  })
}
