import { bytes } from '@millrace/record'
import { buildTopology } from './build/build-topology.ts'
import type { Node } from './node.ts'
import type { Processor } from './processor.ts'
import type { Topology } from './topology.ts'

/** Where probes go in, and where they come out. */
export function canaryTopics(applicationId: string): {
  readonly probes: string
  readonly echoes: string
} {
  return { probes: `${applicationId}-canary`, echoes: `${applicationId}-canary-echo` }
}

/**
 * The topology with a canary beside it: a sub-topology of its own, without state, that sends each probe on
 * as it came. Its tasks lie in the same workers as all others, so a probe takes the way of a record. The
 * plan of the others is as it was.
 */
export function withCanary(topology: Topology, applicationId: string): Topology {
  const { probes, echoes } = canaryTopics(applicationId)
  const serdes = {
    keySerde: bytes,
    valueSerde: bytes,
    isRepartition: false,
    isOwned: true,
  } as const
  const nodes: Node[] = [
    { ...serdes, kind: 'source', name: 'millrace-probes', topic: probes, children: [nodeName] },
    {
      kind: 'processor',
      name: nodeName,
      operator: 'canary',
      supplier: () => echo,
      stores: [],
      children: ['millrace-echoes'],
    },
    { ...serdes, kind: 'sink', name: 'millrace-echoes', topic: echoes, children: [] },
  ]
  return buildTopology(
    [...topology.nodes.values(), ...nodes],
    [...topology.stores.values()],
    [...topology.repartitions.values()],
    [...topology.globalTables.values()],
  )
}

const nodeName = 'millrace-canary'

const echo: Processor = { process: (record, collector) => collector.forward(record) }

/** External topics in form, which the engine makes and owns as its internal ones. */
export function ownedTopicsOf(topology: Topology): readonly string[] {
  const topics = [...topology.nodes.values()].flatMap((node) =>
    node.kind !== 'processor' && node.isOwned === true ? [node.topic] : [],
  )
  return [...new Set(topics)]
}
