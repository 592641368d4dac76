import { posix } from 'node:path'
import type { Finding, SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'

/** Relative links of a document that lead nowhere. */
export function findDeadLinks(
  { path, text }: SourceFile,
  exists: (path: string) => boolean,
): Finding[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g)].flatMap(
    (match) => {
      const target = posix.join(posix.dirname(path), decodeURIComponent(match[1] ?? ''))
      return exists(target)
        ? []
        : [`${path}:${lineOf(text, match.index)} ${match[1]} does not exist`]
    },
  )
}

/** The paths of files that a chapter of a document names, from the repository's root. */
export function pathsOfChapter(document: string, title: RegExp): string[] {
  const chapter =
    document.split(/^(?=## )/m).find((part) => title.test(part.split('\n')[0] ?? '')) ?? ''
  return [...chapter.matchAll(/\b(?:libs|services|tools|tests)\/[\w./-]+\.\w+/g)].map(
    ([path]) => path,
  )
}

/** Decisions: numbered without a gap, each with its three chapters and its line in the index. */
export function findUntidyDecisions(files: readonly SourceFile[]): Finding[] {
  const decisions = files.filter(({ path }) => /^docs\/decisions\/\d{4}-/.test(path))
  const index = files.find(({ path }) => path === 'docs/decisions/README.md')?.text ?? ''
  return decisions.flatMap(({ path, text }, nth) => {
    const name = path.slice('docs/decisions/'.length)
    const number = String(nth + 1).padStart(4, '0')
    return [
      ...(name.startsWith(number) ? [] : [`${path}: ${number} is missing before it`]),
      ...(index.includes(`(${name})`) ? [] : [`${path} has no line in docs/decisions/README.md`]),
      ...['Context', 'Decision', 'Consequences']
        .filter((chapter) => !text.includes(`\n## ${chapter}\n`))
        .map((chapter) => `${path} has no chapter "${chapter}"`),
    ]
  })
}

/** Dependencies without a line in `docs/decisions/dependencies.md`, and lines without a dependency. */
export function findUnexplainedDependencies(files: readonly SourceFile[]): Finding[] {
  const explained = files.find(({ path }) => path === 'docs/decisions/dependencies.md')?.text ?? ''
  const named = new Set([...explained.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name ?? ''))
  const used = new Set(
    files
      .filter(
        ({ path }) =>
          path.endsWith('package.json') &&
          !path.startsWith('tests/') &&
          !path.startsWith('examples/'),
      )
      .flatMap(({ text }) => dependenciesOf(JSON.parse(text)))
      .filter((name) => !name.startsWith('@millrace/') && name !== 'millrace'),
  )
  return [
    ...[...used]
      .filter((name) => !named.has(name))
      .map((name) => `${name} has no line in dependencies.md`),
    ...[...named]
      .filter((name) => !used.has(name))
      .map((name) => `dependencies.md explains ${name}, which nobody uses`),
  ]
}

function dependenciesOf(manifest: Record<string, object | undefined>): string[] {
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap(
    (kind) => Object.keys(manifest[kind] ?? {}),
  )
}
