import type { StoreSpec } from '@millrace/store'
import { formatDuration } from '@millrace/time'
import type { Node } from '../node.ts'
import { upstreamOf } from '../partitions/upstream.ts'
import { fingerprint, operatorText } from '../plan/plan.ts'
import type { RepartitionSpec, SubTopology, Topology } from '../topology.ts'

/**
 * The plan as text: what each sub-topology reads, does and writes, and why each store and
 * repartition exists. `<app>` stands for the application id.
 */
export function describe(topology: Topology): string {
  const sections = [
    `Topology ${fingerprint(topology).slice(0, 12)}`,
    ...topology.subTopologies.map((sub) => describeSubTopology(topology, sub)),
  ]
  if (topology.stores.size > 0) {
    sections.push(['Stores', ...[...topology.stores.values()].map(describeStore)].join('\n'))
  }
  if (topology.repartitions.size > 0) {
    const each = [...topology.repartitions.values()]
    sections.push(
      ['Repartitions', ...each.map((spec) => describeRepartition(topology, spec))].join('\n'),
    )
  }
  if (topology.globalTables.size > 0) {
    const each = [...topology.globalTables.values()].map(
      ({ name, topic, keySerde, valueSerde }) =>
        `  ${name}: topic ${topic} (${keySerde.name}, ${valueSerde.name}), read in full`,
    )
    sections.push(['Global tables', ...each].join('\n'))
  }
  if (topology.coPartitionGroups.length > 0) {
    const groups = topology.coPartitionGroups.map((group) => `  ${group.join(', ')}`)
    sections.push(['Equal partition counts needed', ...groups].join('\n'))
  }
  return `${sections.join('\n\n')}\n`
}

function describeSubTopology(topology: Topology, sub: SubTopology): string {
  const nodes = sub.nodes.flatMap((name) => topology.nodes.get(name) ?? [])
  const width = Math.max(...nodes.map(({ name }) => name.length))
  const lines = nodes.map((node) => {
    const children = node.children.length > 0 ? ` -> ${node.children.join(', ')}` : ''
    return `  ${node.name.padEnd(width)}  ${describeNode(node)}${children}`
  })
  return [`Sub-topology ${sub.id}`, ...lines].join('\n')
}

function describeNode(node: Node): string {
  if (node.kind !== 'processor') {
    const verb = node.kind === 'source' ? 'reads' : 'writes'
    const topic = node.isRepartition ? `repartition ${node.topic}` : node.topic
    return `${verb} ${topic} (${node.keySerde.name}, ${node.valueSerde.name})`
  }
  const stores = node.stores.length > 0 ? `, store ${node.stores.join(', ')}` : ''
  const late = node.late ? `, late records to ${node.late.topic}` : ''
  return `${operatorText(node)}${stores}${late}`
}

function describeStore(spec: StoreSpec): string {
  const serdes = `${spec.keySerde.name}, ${spec.valueSerde.name}`
  const window = spec.window
    ? `, windows of ${formatDuration(spec.window.sizeMs)}, kept until ${formatDuration(spec.window.graceMs)} after their end`
    : ''
  return [
    `  ${spec.name}: ${spec.kind} (${serdes})${window}, version ${spec.version}`,
    `    topic: <app>-${spec.name}-changelog`,
    `    why: ${spec.why}`,
  ].join('\n')
}

function describeRepartition(topology: Topology, spec: RepartitionSpec): string {
  const reader = topology.subTopologies.find((sub) => sub.repartitionSources.includes(spec.name))
  const following = spec.isRoundTrip ? 'what it is read with' : 'its writers'
  const partitions =
    spec.partitionCount === undefined
      ? `as many partitions as ${following}`
      : `${spec.partitionCount} partitions`
  return [
    `  ${spec.name}: from sub-topology ${upstreamOf(topology, spec.name).id} to ${reader?.id}, ${partitions}`,
    `    topic: <app>-${spec.name}-repartition`,
    `    why: ${spec.why}`,
  ].join('\n')
}
