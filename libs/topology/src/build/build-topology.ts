import { MillraceError } from '@millrace/errors'
import type { StoreSpec } from '@millrace/store'
import type { GlobalTableSpec } from '../global-table.ts'
import type { Node } from '../node.ts'
import type { RepartitionSpec, Topology } from '../topology.ts'
import { checkCalls } from './check-calls.ts'
import { coPartitionGroupsOf } from './co-partition.ts'
import { checkName } from './names.ts'
import { invalid, nodeGraph } from './node-graph.ts'
import { subTopologiesOf } from './sub-topologies.ts'

/**
 * Checks the parts and makes the plan of them: sub-topologies (what hangs together without passing
 * through Kafka), their order, and which topics must be co-partitioned.
 *
 * Throws `MILLRACE_TOPOLOGY_NAME_INVALID`, `MILLRACE_TOPOLOGY_NAME_TAKEN`,
 * `MILLRACE_TOPOLOGY_INVALID`.
 */
export function buildTopology(
  nodes: Iterable<Node>,
  stores: Iterable<StoreSpec> = [],
  repartitions: Iterable<RepartitionSpec> = [],
  globalTables: Iterable<GlobalTableSpec> = [],
): Topology {
  const nodesByName = named('node', nodes)
  const storesByName = named('store', stores)
  const repartitionsByName = named('repartition', repartitions)
  const globalTablesByName = named('global table', globalTables)
  if (nodesByName.size === 0) throw invalid('the topology has no nodes')
  checkSources(nodesByName, repartitionsByName)
  checkSinks(nodesByName, repartitionsByName)
  checkCalls(nodesByName)
  checkStores(nodesByName, storesByName)
  checkGlobalTables(nodesByName, globalTablesByName, storesByName)
  const graph = nodeGraph(nodesByName)
  const subTopologies = subTopologiesOf(graph, storesByName)
  checkRepartitions(repartitionsByName, subTopologies)
  return Object.freeze({
    nodes: nodesByName,
    stores: storesByName,
    repartitions: repartitionsByName,
    globalTables: globalTablesByName,
    subTopologies: Object.freeze(subTopologies),
    coPartitionGroups: Object.freeze(coPartitionGroupsOf(graph)),
  })
}

/** A node's name may be a topic's with something before and after it. */
const nodeNameLengthMax = 300

function named<T extends { readonly name: string }>(
  what: string,
  items: Iterable<T>,
): ReadonlyMap<string, T> {
  const byName = new Map<string, T>()
  for (const item of items) {
    checkName(what, item.name, what === 'node' ? nodeNameLengthMax : undefined)
    if (byName.has(item.name)) {
      throw new MillraceError('MILLRACE_TOPOLOGY_NAME_TAKEN', {
        message: `there are two ${what}s named ${item.name}`,
      })
    }
    byName.set(item.name, item)
  }
  return byName
}

function checkSources(
  nodes: ReadonlyMap<string, Node>,
  repartitions: ReadonlyMap<string, RepartitionSpec>,
): void {
  const readBy = new Map<string, string>()
  for (const node of nodes.values()) {
    if (node.kind !== 'source') continue
    checkTopic(node, repartitions)
    const topic = `${node.isRepartition ? 'repartition' : 'topic'} ${node.topic}`
    const other = readBy.get(topic)
    if (other) {
      throw new MillraceError('MILLRACE_TOPOLOGY_INVALID', {
        message: `${topic} is read by ${other} and by ${node.name}`,
        remedy: 'Read it once, keep the stream in a constant and use that twice.',
      })
    }
    readBy.set(topic, node.name)
  }
  if (readBy.size === 0) throw invalid('the topology reads no topic')
  for (const name of repartitions.keys()) {
    if (readBy.has(`topic ${name}`)) throw invalid(`${name} is both a topic and a repartition`)
  }
}

function checkSinks(
  nodes: ReadonlyMap<string, Node>,
  repartitions: ReadonlyMap<string, RepartitionSpec>,
): void {
  for (const node of nodes.values()) {
    if (node.kind === 'sink') checkTopic(node, repartitions)
    if (node.kind === 'processor' && node.late) checkName('late topic', node.late.topic)
  }
}

function checkTopic(
  node: { readonly name: string; readonly topic: string; readonly isRepartition: boolean },
  repartitions: ReadonlyMap<string, RepartitionSpec>,
): void {
  if (!node.isRepartition) checkName('topic', node.topic)
  else if (!repartitions.has(node.topic)) {
    throw invalid(`node ${node.name} names the repartition ${node.topic}, which does not exist`)
  }
}

function checkStores(
  nodes: ReadonlyMap<string, Node>,
  stores: ReadonlyMap<string, StoreSpec>,
): void {
  const unused = new Set(stores.keys())
  for (const node of nodes.values()) {
    if (node.kind !== 'processor') continue
    for (const store of node.stores) {
      if (!stores.has(store))
        throw invalid(`node ${node.name} uses store ${store}, which does not exist`)
      unused.delete(store)
    }
  }
  if (unused.size > 0) throw invalid(`no node uses store ${[...unused].join(', ')}`)
}

function checkGlobalTables(
  nodes: ReadonlyMap<string, Node>,
  globalTables: ReadonlyMap<string, GlobalTableSpec>,
  stores: ReadonlyMap<string, StoreSpec>,
): void {
  for (const { name, topic } of globalTables.values()) {
    checkName('topic', topic)
    if (stores.has(name)) throw invalid(`${name} is both a store and a global table`)
  }
  for (const node of nodes.values()) {
    if (node.kind !== 'processor') continue
    const unknown = node.globalTables?.find((name) => !globalTables.has(name))
    if (unknown !== undefined) {
      throw invalid(`node ${node.name} reads global table ${unknown}, which does not exist`)
    }
  }
}

/** One sub-topology writes a repartition, so that time over it is the minimum of known tasks. */
function checkRepartitions(
  repartitions: ReadonlyMap<string, RepartitionSpec>,
  subTopologies: Topology['subTopologies'],
): void {
  for (const { name, partitionCount } of repartitions.values()) {
    const writers = subTopologies.filter((sub) => sub.repartitionSinks.includes(name))
    const readers = subTopologies.filter((sub) => sub.repartitionSources.includes(name))
    if (writers.length !== 1 || readers.length !== 1) {
      throw invalid(
        `repartition ${name} has ${writers.length} writing and ${readers.length} reading` +
          ' sub-topologies; it needs one of each',
      )
    }
    if (
      partitionCount !== undefined &&
      !(Number.isSafeInteger(partitionCount) && partitionCount > 0)
    ) {
      throw invalid(`repartition ${name} is to have ${partitionCount} partitions`)
    }
  }
}
