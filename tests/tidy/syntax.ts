import { parseSync } from 'oxc-parser'
import type { SourceFile } from './source-file.ts'
import { lineOf } from './source-file.ts'

/** A node of the syntax tree (ESTree), as far as the checks look into it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

export interface Import {
  readonly specifier: string
  readonly line: number
}

const parsed = new WeakMap<SourceFile, Node>()

/** A file's tree. A file that does not parse is the type checker's finding, not ours. */
export function parse(file: SourceFile): Node {
  const known = parsed.get(file)
  if (known !== undefined) return known
  const program = parseSync(file.path, file.text).program as unknown as Node
  parsed.set(file, program)
  return program
}

/** What a file loads: static and dynamic imports with a literal, and re-exports. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = []
  visit(parse(file), (node) => {
    const source = node.source as Node | null | undefined
    if (!loading.has(node.type) || source == null || typeof source.value !== 'string') return
    imports.push({ specifier: source.value, line: lineOf(file.text, node.start) })
  })
  return imports
}

const loading = new Set([
  'ImportDeclaration',
  'ImportExpression',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
])

/** Calls `enter` for every node, parents first. `false` from it leaves the node's children out. */
export function visit(node: Node, enter: (node: Node) => boolean | void): void {
  if (enter(node) === false) return
  for (const value of Object.values(node)) {
    if (isNode(value)) visit(value, enter)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) visit(item, enter)
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}

/** `a`, `a.b`, `a.b.c` as text; undefined for anything that is not a chain of names. */
export function nameOf(value: unknown): string | undefined {
  if (!isNode(value)) return undefined
  if (value.type === 'Identifier') return value.name as string
  if (value.type !== 'MemberExpression' || value.computed === true) return undefined
  const object = nameOf(value.object)
  const property = nameOf(value.property)
  return object === undefined || property === undefined ? undefined : `${object}.${property}`
}
