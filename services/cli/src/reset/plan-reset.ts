import type { Cluster, PartitionOffset } from '@millrace/kafka'
import {
  changelogTopic,
  decisionsTopic,
  planTopic,
  repartitionTopic,
  type StateBackends,
} from '@millrace/runtime'
import type { EffectKind, Topology } from '@millrace/topology'

/** Where the sources are read from after the reset. */
export type Target = 'earliest' | 'latest' | { readonly timestampMs: number }

export interface ResetPlan {
  readonly applicationId: string
  readonly offsets: readonly PartitionOffset[]
  /** Internal topics that exist: changelogs, repartitions, the log of decisions. */
  readonly topics: readonly string[]
  /** On this machine alone. */
  readonly stateDirectory: string
  readonly states: readonly string[]
  /** What is not undone: each sink writes what is read again, and what waits in its outbox is lost. */
  readonly effects: readonly Effect[]
  /** Why nothing may be done; null where it may. */
  readonly refusal: string | null
}

export interface Effect {
  readonly sink: string
  readonly kind: EffectKind
}

/** What a reset would do. Outputs, skips and what other machines have on disk are not touched. */
export async function planReset(
  cluster: Cluster,
  applicationId: string,
  topology: Topology,
  backends: StateBackends,
  target: Target,
): Promise<ResetPlan> {
  const group = await cluster.admin.describeGroup(applicationId)
  const sources = [...new Set(topology.subTopologies.flatMap((sub) => sub.sourceTopics))]
  const found = await cluster.metadata(sources)
  const partitions = [...found.values()].flatMap(({ topic, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition })),
  )
  const listed = await cluster.listOffsets(partitions, target, 'read_committed')
  const internal = [
    ...[...topology.stores.keys()].map((store) => changelogTopic(applicationId, store)),
    ...[...topology.repartitions.keys()].map((name) => repartitionTopic(applicationId, name)),
    decisionsTopic(applicationId),
    planTopic(applicationId),
  ]
  const missing = sources.filter((topic) => !found.has(topic))
  return {
    applicationId,
    offsets: listed.map(({ topic, partition, offset }) => ({ topic, partition, offset })),
    topics: [...(await cluster.metadata(internal)).keys()].toSorted(),
    stateDirectory: backends.location,
    states: (await backends.list()).toSorted(),
    effects: [...topology.nodes.values()].flatMap((node) =>
      node.kind === 'sink' ? (node.effect ?? []) : [],
    ),
    refusal: refusalOf(group.memberCount, missing),
  }
}

function refusalOf(memberCount: number, missing: readonly string[]): string | null {
  if (memberCount > 0)
    return `${memberCount} members of the group are running: stop every instance, and wait out the session time-out of those that were killed`
  if (missing.length > 0) return `source topics are missing: ${missing.join(', ')}`
  return null
}

/**
 * First what the broker may refuse: it takes offsets only for a group without members. Repeating
 * after a failure half-way does the rest.
 */
export async function executeReset(
  cluster: Cluster,
  plan: ResetPlan,
  backends: StateBackends,
): Promise<void> {
  // Takes the process' lock: a processor on this machine that is starting is not in the group yet.
  if (plan.states.length > 0) await (await backends.open('process')).close()
  // The positions in repartition topics go with the group; those of the sources are written anew.
  await cluster.admin.deleteGroups([plan.applicationId])
  await cluster.admin.resetOffsets(plan.applicationId, plan.offsets)
  await cluster.admin.deleteTopics(plan.topics)
  for (const name of plan.states) await backends.destroy(name)
}
