import type { Cluster, NewTopic } from '@millrace/kafka'
import { changelogTopicConfigs } from '@millrace/store'
import { ownedTopicsOf, resolvePartitions, type Topology } from '@millrace/topology'
import { changelogTopic, decisionsTopic, planTopic, repartitionTopic } from './topic-names.ts'

/** Every topic an application touches, and how many partitions each has or must have. */
export interface TopicSet {
  /** By real name: external and internal. */
  readonly partitionCounts: ReadonlyMap<string, number>
  readonly internal: readonly InternalTopic[]
  /** External topics that are read. */
  readonly sourceTopics: readonly string[]
}

export interface InternalTopic extends NewTopic {
  readonly kind: 'changelog' | 'repartition' | 'decisions' | 'plan' | 'canary'
  /** The store of a changelog. */
  readonly store?: string
}

export interface TopicSetOptions {
  readonly topology: Topology
  readonly applicationId: string
  readonly deadLetterTopic?: string | undefined
  readonly replicationFactor?: number | undefined
}

/** As long as a `long` of milliseconds goes: records of a backfill may be of any age. */
const endlessMs = '9223372036854775807'

/** External topics that must exist: what is read, written, and the topics for late and dead letters. */
export function externalTopicsOf(options: TopicSetOptions): readonly string[] {
  const { topology } = options
  const sources = topology.subTopologies.flatMap((sub) => sub.sourceTopics)
  const globals = [...topology.globalTables.values()].map(({ topic }) => topic)
  const owned = new Set(ownedTopicsOf(topology))
  const all = new Set([...sources, ...globals, ...outputTopicsOf(options)])
  return [...all].filter((topic) => !owned.has(topic)).toSorted()
}

/** Those of them that are written. */
export function outputTopicsOf({ topology, deadLetterTopic }: TopicSetOptions): readonly string[] {
  const topics = new Set<string>()
  for (const node of topology.nodes.values()) {
    if (node.kind === 'sink' && !node.isRepartition) topics.add(node.topic)
    if (node.kind === 'processor' && node.late) topics.add(node.late.topic)
  }
  if (deadLetterTopic !== undefined) topics.add(deadLetterTopic)
  return [...topics].toSorted()
}

/**
 * Settles the partition counts, given those of the topics that exist already (`existingCounts`). Throws
 * what `resolvePartitions` throws.
 */
export function planTopics(
  options: TopicSetOptions,
  existing: ReadonlyMap<string, number>,
): TopicSet {
  const { topology, applicationId, replicationFactor } = options
  const owned = ownedCounts(topology, existing)
  const external = new Map([...existing, ...owned])
  const { repartitionCounts, taskCounts } = resolvePartitions(topology, external)
  const internal: InternalTopic[] = []
  for (const [name, partitionCount] of repartitionCounts) {
    const topic = repartitionTopic(applicationId, name)
    internal.push({
      kind: 'repartition',
      topic,
      partitionCount,
      replicationFactor,
      configs: repartitionConfigs,
    })
  }
  for (const [index, sub] of topology.subTopologies.entries()) {
    for (const store of sub.stores) {
      const topic = changelogTopic(applicationId, store)
      const partitionCount = taskCounts[index] ?? 1
      internal.push({
        kind: 'changelog',
        store,
        topic,
        partitionCount,
        replicationFactor,
        configs: changelogTopicConfigs(),
      })
    }
  }
  if (repartitionCounts.size > 0 || decidesByClock(topology)) {
    const topic = decisionsTopic(applicationId)
    const partitionCount = Math.max(1, ...taskCounts)
    internal.push({
      kind: 'decisions',
      topic,
      partitionCount,
      replicationFactor,
      configs: decisionsConfigs,
    })
  }
  for (const [topic, partitionCount] of owned) {
    internal.push({
      kind: 'canary',
      topic,
      partitionCount,
      replicationFactor,
      configs: canaryConfigs,
    })
  }
  if (internal.length > owned.size) {
    internal.push({
      kind: 'plan',
      topic: planTopic(applicationId),
      partitionCount: 1,
      replicationFactor,
      configs: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' },
    })
  }
  const counts = internal.map(({ topic, partitionCount }) => [topic, partitionCount] as const)
  const sourceTopics = [...new Set(topology.subTopologies.flatMap((sub) => sub.sourceTopics))]
  return { partitionCounts: new Map([...external, ...counts]), internal, sourceTopics }
}

/** Of the external topics that exist, and of those that the engine makes for itself. */
export function existingCounts(
  cluster: Cluster,
  options: TopicSetOptions,
): Promise<ReadonlyMap<string, number>> {
  return partitionCountsOf(cluster, [
    ...externalTopicsOf(options),
    ...ownedTopicsOf(options.topology),
  ])
}

const ownedPartitionsMax = 64

/** As many as the largest source has, so that every worker with work gets some; once made, as made. */
function ownedCounts(
  topology: Topology,
  existing: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sources = topology.subTopologies.flatMap((sub) => sub.sourceTopics)
  const largest = Math.max(1, ...sources.map((topic) => existing.get(topic) ?? 1))
  const wanted = Math.min(largest, ownedPartitionsMax)
  return new Map(
    ownedTopicsOf(topology).map((topic) => [topic, existing.get(topic) ?? wanted] as const),
  )
}

/** Whether any source asks for decisions that the machine's clock has a part in. */
function decidesByClock(topology: Topology): boolean {
  return [...topology.nodes.values()].some(
    (node) =>
      node.kind === 'source' && (node.maxFutureSkewMs !== undefined || node.idle !== undefined),
  )
}

/** Never deletes by age: the engine deletes what every reader has committed. */
const repartitionConfigs = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'segment.bytes': String(50 * 1024 * 1024),
  'message.timestamp.type': 'CreateTime',
  // Kafka 4 refuses times more than an hour ahead; the source topic has accepted them already.
  'message.timestamp.after.max.ms': endlessMs,
}

/** A probe is of no use any more when the next ones are on their way. */
const canaryConfigs = { 'cleanup.policy': 'delete', 'retention.ms': '600000' }

/** A log that replays read: never compacted, never deleted. */
const decisionsConfigs = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
}

/** Partition counts of the topics that exist. */
export async function partitionCountsOf(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await cluster.metadata(topics)
  return new Map([...found.values()].map(({ topic, partitionCount }) => [topic, partitionCount]))
}
