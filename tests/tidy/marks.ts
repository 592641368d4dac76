import type { Finding, SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'
import { nameOf, parse, visit } from './syntax.ts'

// The brackets keep this line from being its own first finding.
const promises = /\b(T[O]DO|FIX[M]E|X[X]X|H[A]CK)\b/g

/** Work put off in a comment: do it, or write it down where work is planned. */
export function findPromises({ path, text }: SourceFile): Finding[] {
  return [...text.matchAll(promises)].map(
    (match) => `${path}:${lineOf(text, match.index)} ${match[0]}`,
  )
}

/** Tests that hide others, or themselves. `skipIf`, `runIf` and `context.skip(reason)` say why and are allowed. */
export function findHiddenTests(file: SourceFile): Finding[] {
  if (!file.path.endsWith('.test.ts')) return []
  const findings: Finding[] = []
  visit(parse(file), (node) => {
    const name = node.type === 'MemberExpression' ? (nameOf(node) ?? '') : ''
    if (/^(test|it|describe|suite)\..*\b(only|skip|todo|fails)$/.test(name)) {
      findings.push(`${file.path}:${lineOf(file.text, node.start)} ${name}`)
    }
  })
  return findings
}

/** Places of one machine have no place in the repository. */
export function findMachinePaths({ path, text }: SourceFile): Finding[] {
  return [...text.matchAll(/(?<![\w/.:-])\/(work|root|Users)\/[\w.-]+/g)].map(
    (match) => `${path}:${lineOf(text, match.index)} ${match[0]}`,
  )
}
