import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { refusal, walls } from './layers.ts'
import type { Finding, SourceFile } from './source-file.ts'
import { isTestCode } from './source-file.ts'
import { type Import, importsOf } from './syntax.ts'

/** A workspace: a folder under libs/ or services/ with its package.json. */
export interface Workspace {
  /** `libs/store` */
  readonly dir: string
  /** `store`: its name in the table of layers. */
  readonly layer: string
  /** `@millrace/store` */
  readonly packageName: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
}

export function workspacesOf(files: readonly SourceFile[]): Workspace[] {
  return files.flatMap(({ path, text }) => {
    const [, dir, layer] = /^((?:libs|services)\/([^/]+))\/package\.json$/.exec(path) ?? []
    if (dir === undefined || layer === undefined) return []
    const manifest = JSON.parse(text)
    return {
      dir,
      layer,
      packageName: manifest.name,
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
    }
  })
}

/** Imports of one file against the table of layers, the walls, and the package.json they need. */
export function findForbiddenImports(
  file: SourceFile,
  workspaces: readonly Workspace[],
  rootDependencies: readonly string[],
): Finding[] {
  const from = workspaces.find(({ dir }) => file.path.startsWith(`${dir}/`))
  return importsOf(file).flatMap((found) => {
    const reason =
      wallOf(file, found) ??
      (from &&
        (crossing(file, found, from) ??
          layerOf(file, found, from, workspaces) ??
          undeclared(file, found, from, rootDependencies)))
    return reason === undefined
      ? []
      : [`${file.path}:${found.line} imports ${found.specifier}: ${reason}`]
  })
}

function wallOf(file: SourceFile, { specifier }: Import): string | undefined {
  const wall = walls.find((one) => one.package === packageOf(specifier))
  if (wall === undefined || file.path.startsWith(wall.inside)) return undefined
  return `only ${wall.inside} may`
}

/** A relative path that leaves the workspace; tests may reach for tools/ and tests/. */
function crossing(file: SourceFile, { specifier }: Import, from: Workspace): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(file.path), specifier)
  if (target.startsWith(`${from.dir}/`)) return undefined
  if (isTestCode(file.path) && /^(tools|tests)\//.test(target)) return undefined
  return 'import another workspace by its name, not by a path'
}

function layerOf(
  file: SourceFile,
  { specifier }: Import,
  from: Workspace,
  workspaces: readonly Workspace[],
): string | undefined {
  // A test may stand on anything: it is where two layers are seen together.
  if (isTestCode(file.path)) return undefined
  const to = workspaces.find(({ packageName }) => packageName === packageOf(specifier))
  return to && refusal(from.layer, to.layer)
}

function undeclared(
  file: SourceFile,
  { specifier }: Import,
  from: Workspace,
  rootDependencies: readonly string[],
): string | undefined {
  const name = packageOf(specifier)
  if (name === undefined || name === from.packageName || from.dependencies.includes(name))
    return undefined
  if (isTestCode(file.path) && [...from.devDependencies, ...rootDependencies].includes(name))
    return undefined
  return `declare it in ${from.dir}/package.json`
}

/** Declared dependencies against the table: what nobody imports yet is refused too. */
export function findForbiddenDependencies(
  from: Workspace,
  workspaces: readonly Workspace[],
): Finding[] {
  return from.dependencies.flatMap((name) => {
    const to = workspaces.find(({ packageName }) => packageName === name)
    const reason = to && refusal(from.layer, to.layer)
    return reason === undefined ? [] : [`${from.dir}/package.json depends on ${name}: ${reason}`]
  })
}

/** `@scope/name/sub` → `@scope/name`; undefined for a path and for what Node itself brings. */
function packageOf(specifier: string): string | undefined {
  if (
    specifier.startsWith('.') ||
    specifier.startsWith('node:') ||
    builtinModules.includes(specifier)
  )
    return undefined
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
