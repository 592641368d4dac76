import { existsSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/errors'
import type { Topology } from '../topology.ts'

/**
 * Loads the topology that a file exports by default. The file may lie anywhere: `millrace`,
 * `millrace/alerts` and `millrace/testing` resolve to this process' own copy, also where the file has no node_modules
 * beside it, so that the language and the engine are always of one version.
 *
 * Throws `MILLRACE_TOPOLOGY_FILE` where the file is missing, fails to load, or exports no topology.
 */
export async function loadTopology(path: string): Promise<Topology> {
  const file = resolve(path)
  if (!existsSync(file)) throw unusable(`there is no file ${file}`)
  resolveOwnPackage()
  let module: { readonly default?: unknown }
  try {
    module = await import(pathToFileURL(file).href)
  } catch (cause) {
    throw unusable(
      `${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    )
  }
  if (!isTopology(module.default)) throw unusable(`${file} does not export a topology by default`)
  return module.default
}

const ownPackage = new Set(['millrace', 'millrace/alerts', 'millrace/testing'])

let isHooked = false

function resolveOwnPackage(): void {
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!ownPackage.has(specifier)) return nextResolve(specifier, context)
      return nextResolve(specifier, { ...context, parentURL: import.meta.url })
    },
  })
}

/** By shape, not by class: a topology may come from another copy of the package. */
function isTopology(value: unknown): value is Topology {
  return (
    typeof value === 'object' &&
    value !== null &&
    'subTopologies' in value &&
    'nodes' in value &&
    'stores' in value
  )
}

function unusable(message: string, cause?: unknown): MillraceError {
  return new MillraceError('MILLRACE_TOPOLOGY_FILE', { message, cause })
}
