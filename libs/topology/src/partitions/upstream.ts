import { assert } from '@millrace/errors'
import type { SubTopology, Topology } from '../topology.ts'

/**
 * The sub-topology that writes a repartition. Time over the repartition is the minimum over that
 * sub-topology's tasks; there is exactly one, `buildTopology` sees to it.
 */
export function upstreamOf(topology: Topology, repartition: string): SubTopology {
  const writer = topology.subTopologies.find((sub) => sub.repartitionSinks.includes(repartition))
  assert(writer, `no sub-topology writes the repartition ${repartition}`)
  return writer
}
