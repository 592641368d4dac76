import { longFiles, longFunctions } from './exceptions.ts'
import type { Finding, SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'
import { isNode, type Node, nameOf, parse, visit } from './syntax.ts'

const fileLinesMax = 400
const functionLinesMax = 70

export function findLongFiles(file: SourceFile): Finding[] {
  const limit = longFiles.find(({ path }) => path === file.path)?.limit ?? fileLinesMax
  const lines = file.text.trimEnd().split('\n').length
  return lines <= limit
    ? []
    : [`${file.path} has ${lines} lines, ${limit} allowed: split it by noun`]
}

export function findLongFunctions(file: SourceFile): Finding[] {
  const limit = longFunctions.find(({ path }) => path === file.path)?.limit ?? functionLinesMax
  const findings: Finding[] = []
  visit(parse(file), (node) => {
    if (!functions.has(node.type) || registersTests(node)) return
    const firstLine = lineOf(file.text, node.start)
    const lines = lineOf(file.text, node.end) - firstLine + 1
    if (lines > limit)
      findings.push(`${file.path}:${firstLine} a function of ${lines} lines, ${limit} allowed`)
  })
  return findings
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** The body of a `describe`, or of a suite that is exported: a chapter. Each test in it counts by itself. */
function registersTests(node: Node): boolean {
  let registers = false
  if (!isNode(node.body)) return false
  visit(node.body, (inner) => {
    if (functions.has(inner.type)) return false
    if (
      inner.type === 'CallExpression' &&
      /^(\w+\.)?(test|it|describe)\b/.test(rootName(inner.callee))
    )
      registers = true
  })
  return registers
}

/** `test` of `test.each(…)(…)`. */
function rootName(callee: unknown): string {
  if (isNode(callee) && callee.type === 'CallExpression') return rootName(callee.callee)
  return nameOf(callee) ?? ''
}
