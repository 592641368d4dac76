import { MillraceError } from '@millrace/errors'
import type { Node } from '../node.ts'

/** Nodes by name, in the order of their making, with the edges in both directions. */
export interface NodeGraph {
  readonly nodes: ReadonlyMap<string, Node>
  readonly parents: ReadonlyMap<string, readonly string[]>
}

/** Throws `MILLRACE_TOPOLOGY_INVALID` for edges that lead nowhere or from nowhere. */
export function nodeGraph(nodes: ReadonlyMap<string, Node>): NodeGraph {
  const parents = new Map<string, string[]>()
  for (const name of nodes.keys()) parents.set(name, [])
  for (const node of nodes.values()) {
    for (const child of node.children) {
      const known = parents.get(child)
      if (!known) throw invalid(`node ${node.name} feeds ${child}, which does not exist`)
      if (nodes.get(child)?.kind === 'source')
        throw invalid(`source ${child} is fed by ${node.name}`)
      known.push(node.name)
    }
    if (node.kind === 'sink' && node.children.length > 0) {
      throw invalid(`sink ${node.name} feeds ${node.children.join(', ')}`)
    }
  }
  for (const node of nodes.values()) {
    if (node.kind !== 'source' && parents.get(node.name)?.length === 0) {
      throw invalid(`nothing feeds ${node.name}`)
    }
  }
  return { nodes, parents }
}

/** Sources first in the order of their making, then every node after all that feed it. */
export function topologicalOrder({ nodes, parents }: NodeGraph): readonly string[] {
  const ordered = new Set<string>()
  for (const node of nodes.values()) if (node.kind === 'source') ordered.add(node.name)
  for (let before = -1; before < ordered.size && ordered.size < nodes.size; ) {
    before = ordered.size
    for (const name of nodes.keys()) {
      if (parents.get(name)?.every((parent) => ordered.has(parent))) ordered.add(name)
    }
  }
  if (ordered.size < nodes.size) {
    const rest = [...nodes.keys()].filter((name) => !ordered.has(name))
    throw invalid(`these nodes feed each other in a circle: ${rest.join(', ')}`)
  }
  return [...ordered]
}

/** The sources from which records reach a node without passing through Kafka. */
export function sourcesReaching(graph: NodeGraph, name: string): ReadonlySet<string> {
  const seen = new Set<string>()
  const sources = new Set<string>()
  const pending = [name]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (graph.nodes.get(next)?.kind === 'source') sources.add(next)
    pending.push(...(graph.parents.get(next) ?? []))
  }
  return sources
}

export function invalid(message: string): MillraceError {
  return new MillraceError('MILLRACE_TOPOLOGY_INVALID', { message })
}
