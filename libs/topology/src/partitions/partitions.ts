import { assert, MillraceError } from '@millrace/errors'
import { invalid } from '../build/node-graph.ts'
import type { SubTopology, Topology } from '../topology.ts'
import { upstreamOf } from './upstream.ts'

export interface ResolvedPartitions {
  /** Partitions of each repartition topic, by its name in the topology. */
  readonly repartitionCounts: ReadonlyMap<string, number>
  /** Tasks of each sub-topology, by its id: as many as its largest source has partitions. */
  readonly taskCounts: readonly number[]
}

/**
 * Settles partition and task counts from those of the external topics. A repartition takes the
 * count of the topics it must be co-partitioned with, else the count it was given, else the task
 * count of the sub-topology that writes it (Kafka Streams' `RepartitionTopics`).
 *
 * Throws `MILLRACE_TOPOLOGY_CO_PARTITION` naming the topics with their counts, and
 * `MILLRACE_KAFKA_TOPIC_MISSING` where a source topic has no count.
 */
export function resolvePartitions(
  topology: Topology,
  externalCounts: ReadonlyMap<string, number>,
): ResolvedPartitions {
  const counts = new Map<string, number>()
  for (const sub of topology.subTopologies) {
    for (const topic of sub.sourceTopics) counts.set(topic, known(externalCounts, topic))
  }
  for (const spec of topology.repartitions.values()) {
    if (spec.partitionCount !== undefined) counts.set(spec.name, spec.partitionCount)
  }
  const groups = groupsOf(topology)
  for (const group of groups) settleByMembers(topology, group, counts)
  // Each round settles at least one group whose writers are settled, or none ever will be.
  for (let open = unsettled(groups, counts); open.length > 0; ) {
    for (const group of open) settleByWriters(topology, group, counts)
    const left = unsettled(groups, counts)
    if (left.length === open.length) {
      throw invalid(`repartitions feed each other in a circle: ${left.flat().join(', ')}`)
    }
    open = left
  }
  return {
    repartitionCounts: new Map(
      [...topology.repartitions.keys()].map((name) => [name, known(counts, name)]),
    ),
    taskCounts: topology.subTopologies.map((sub) => {
      const count = taskCount(sub, counts)
      assert(count !== undefined, `sub-topology ${sub.id} has no task count`)
      return count
    }),
  }
}

/** Co-partition groups, and every other repartition as a group of its own. */
function groupsOf(topology: Topology): readonly (readonly string[])[] {
  const grouped = new Set(topology.coPartitionGroups.flat())
  const single = [...topology.repartitions.keys()].filter((name) => !grouped.has(name))
  return [...topology.coPartitionGroups, ...single.map((name) => [name])]
}

/** Where a member's count is known, the others take it. */
function settleByMembers(
  topology: Topology,
  group: readonly string[],
  counts: Map<string, number>,
): void {
  const fixed = group.filter((topic) => counts.has(topic))
  const distinct = new Set(fixed.map((topic) => counts.get(topic)))
  if (distinct.size > 1) throw disagreeing(topology, fixed, counts)
  const [count] = distinct
  if (count !== undefined) for (const topic of group) counts.set(topic, count)
}

/** Where no member's count is known, they take the largest of their writers. */
function settleByWriters(
  topology: Topology,
  group: readonly string[],
  counts: Map<string, number>,
): void {
  let largest = 0
  const isRoundTrip = (name: string) => topology.repartitions.get(name)?.isRoundTrip
  for (const name of group.every(isRoundTrip) ? group : group.filter((it) => !isRoundTrip(it))) {
    const count = taskCount(upstreamOf(topology, name), counts)
    if (count === undefined) return
    largest = Math.max(largest, count)
  }
  for (const name of group) counts.set(name, largest)
}

function taskCount(sub: SubTopology, counts: ReadonlyMap<string, number>): number | undefined {
  const sources = [...sub.sourceTopics, ...sub.repartitionSources].map((topic) => counts.get(topic))
  if (sources.includes(undefined)) return undefined
  return Math.max(...(sources as number[]))
}

function unsettled(
  groups: readonly (readonly string[])[],
  counts: ReadonlyMap<string, number>,
): readonly (readonly string[])[] {
  return groups.filter((group) => group.some((topic) => !counts.has(topic)))
}

function known(counts: ReadonlyMap<string, number>, topic: string): number {
  const count = counts.get(topic)
  if (count !== undefined && count > 0) return count
  throw new MillraceError('MILLRACE_KAFKA_TOPIC_MISSING', {
    message: `topic ${topic}, which the topology reads, does not exist`,
  })
}

function disagreeing(
  topology: Topology,
  topics: readonly string[],
  counts: ReadonlyMap<string, number>,
): MillraceError {
  const listed = topics.map((topic) => {
    const kind = topology.repartitions.has(topic) ? 'repartition' : 'topic'
    return `${kind} ${topic} has ${counts.get(topic)}`
  })
  return new MillraceError('MILLRACE_TOPOLOGY_CO_PARTITION', {
    message: `records of these meet in one store, but their partition counts differ: ${listed.join(', ')}`,
  })
}
