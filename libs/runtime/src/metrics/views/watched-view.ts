import type { Topology, ViewSpec } from '@millrace/topology'

/** A view, and which sub-topologies its results go through. */
export interface WatchedView {
  readonly view: ViewSpec
  /** Id of the sub-topology that keeps it. */
  readonly keeper: number
  /** The same and all upstream of it. */
  readonly feeders: ReadonlySet<number>
}

export function watchedViews(topology: Topology): readonly WatchedView[] {
  return topology.subTopologies.flatMap(({ id, nodes }) =>
    nodes.flatMap((name) => {
      const node = topology.nodes.get(name)
      if (node?.kind !== 'processor' || node.view === undefined) return []
      return [{ view: node.view, keeper: id, feeders: feedersOf(topology, id) }]
    }),
  )
}

function feedersOf(topology: Topology, keeper: number): ReadonlySet<number> {
  const feeders = new Set([keeper])
  // A set takes what is added while it is gone through; a round trip is there already.
  for (const id of feeders) {
    const read = topology.subTopologies.find((sub) => sub.id === id)?.repartitionSources ?? []
    for (const sub of topology.subTopologies)
      if (sub.repartitionSinks.some((sink) => read.includes(sink))) feeders.add(sub.id)
  }
  return feeders
}
