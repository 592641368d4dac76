import type { Finding, SourceFile } from './source-file.ts'

/** What a runbook's chapter consists of, each paragraph behind its bold word. */
const paragraphs = ['Means', 'Millrace', 'Check', 'Fix'] as const

/** Codes without a whole chapter in the runbooks, and chapters of codes that do not exist. */
export function findMissingRunbooks(
  { path, text }: SourceFile,
  codes: readonly string[],
): Finding[] {
  const chapters = new Map(
    text
      .split(/^(?=## )/m)
      .map((chapter) => [/^## `([A-Z_]+)`$/m.exec(chapter)?.[1] ?? '', chapter]),
  )
  chapters.delete('')
  const missing = codes.flatMap((code) => {
    const chapter = chapters.get(code)
    if (chapter === undefined) return [`${path} has no chapter for ${code}`]
    return paragraphs
      .filter((word) => !new RegExp(`^\\*\\*${word}\\*\\* \\S`, 'm').test(chapter))
      .map((word) => `${path}: ${code} has no paragraph "${word}"`)
  })
  const unknown = [...chapters.keys()].filter((code) => !codes.includes(code))
  return [...missing, ...unknown.map((code) => `${path}: ${code} is no error of Millrace`)]
}

/** Names that have no row (`| \`name\` …`) in their reference. */
export function findMissingRows({ path, text }: SourceFile, names: readonly string[]): Finding[] {
  return names
    .filter((name) => !text.includes(`| \`${name}\``))
    .map((name) => `${path} has no row for ${name}`)
}
