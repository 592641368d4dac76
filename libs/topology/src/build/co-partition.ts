import { DisjointSets } from './disjoint-sets.ts'
import { type NodeGraph, sourcesReaching } from './node-graph.ts'

/**
 * Topics whose records meet in one store: equal keys must lie in equal partitions, so the counts
 * must be equal. Groups of one topic are left out.
 *
 * Kafka Streams asks this of joins only; of merged streams that are then aggregated it does not,
 * and counts one key in two tasks.
 */
export function coPartitionGroupsOf(graph: NodeGraph): readonly (readonly string[])[] {
  const together = new DisjointSets<string>()
  for (const [store, users] of storeUsers(graph)) {
    const storeItem = `store ${store}`
    for (const user of users) {
      for (const source of sourcesReaching(graph, user)) {
        together.join(storeItem, `topic ${topicOf(graph, source)}`)
      }
    }
  }
  return together
    .sets()
    .map((items) => items.filter((item) => item.startsWith('topic ')))
    .map((items) => Object.freeze(items.map((item) => item.slice('topic '.length)).toSorted()))
    .filter((topics) => topics.length > 1)
}

function storeUsers(graph: NodeGraph): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const node of graph.nodes.values()) {
    if (node.kind !== 'processor') continue
    for (const store of node.stores) users.set(store, [...(users.get(store) ?? []), node.name])
  }
  return users
}

function topicOf(graph: NodeGraph, source: string): string {
  const node = graph.nodes.get(source)
  return node?.kind === 'source' ? node.topic : source
}
