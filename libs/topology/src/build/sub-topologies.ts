import type { StoreSpec } from '@millrace/store'
import type { SubTopology } from '../topology.ts'
import { DisjointSets } from './disjoint-sets.ts'
import { type NodeGraph, topologicalOrder } from './node-graph.ts'

/**
 * Groups the nodes that hang together by edges or by a shared store; numbered in the order in
 * which their first nodes were made (Kafka Streams' `makeNodeGroups`).
 */
export function subTopologiesOf(
  graph: NodeGraph,
  stores: ReadonlyMap<string, StoreSpec>,
): readonly SubTopology[] {
  const together = new DisjointSets<string>()
  const userOf = new Map<string, string>()
  for (const node of graph.nodes.values()) {
    together.add(node.name)
    for (const child of node.children) together.join(node.name, child)
    if (node.kind !== 'processor') continue
    for (const store of node.stores) together.join(userOf.get(store) ?? node.name, node.name)
    for (const store of node.stores) userOf.set(store, userOf.get(store) ?? node.name)
  }
  const position = new Map([...graph.nodes.keys()].map((name, index) => [name, index]))
  const order = new Map(topologicalOrder(graph).map((name, index) => [name, index]))
  const by = (key: ReadonlyMap<string, number>) => (left: string, right: string) =>
    (key.get(left) ?? 0) - (key.get(right) ?? 0)
  return together
    .sets()
    .map((names) => names.toSorted(by(position)))
    .toSorted((left, right) => by(position)(left[0] ?? '', right[0] ?? ''))
    .map((names, id) => subTopology(id, names.toSorted(by(order)), graph, stores))
}

function subTopology(
  id: number,
  names: readonly string[],
  graph: NodeGraph,
  stores: ReadonlyMap<string, StoreSpec>,
): SubTopology {
  const sourceTopics = new Set<string>()
  const repartitionSources = new Set<string>()
  const repartitionSinks = new Set<string>()
  const used = new Set<string>()
  for (const name of names) {
    const node = graph.nodes.get(name)
    if (node?.kind === 'source') {
      ;(node.isRepartition ? repartitionSources : sourceTopics).add(node.topic)
    } else if (node?.kind === 'sink' && node.isRepartition) repartitionSinks.add(node.topic)
    else if (node?.kind === 'processor') for (const store of node.stores) used.add(store)
  }
  return Object.freeze({
    id,
    nodes: Object.freeze(names),
    sourceTopics: sorted(sourceTopics),
    repartitionSources: sorted(repartitionSources),
    repartitionSinks: sorted(repartitionSinks),
    stores: Object.freeze([...stores.keys()].filter((store) => used.has(store))),
  })
}

function sorted(names: Iterable<string>): readonly string[] {
  return Object.freeze([...names].toSorted())
}
