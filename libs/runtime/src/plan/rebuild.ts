import { MillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import type { Plan } from '@millrace/topology'
import { changelogTopic, repartitionTopic } from '../internal-topics/topic-names.ts'
import {
  existingCounts,
  partitionCountsOf,
  planTopics,
  type TopicSetOptions,
} from '../internal-topics/topic-set.ts'
import type { StateBackends } from '../restore/state-backends.ts'
import { processBackend } from './process-backend.ts'

export interface RebuildOptions {
  readonly cluster: Cluster
  /** What made the state: its topics go, and nobody else's. */
  readonly before: Plan
  readonly topics: TopicSetOptions
  readonly backends: StateBackends
  readonly logger: Logger
}

/**
 * Forgets everything that an earlier plan made: local state, and internal topics with all they
 * hold. The group is set back to the start of its sources, which the broker refuses while other
 * members are running. Topics are made again by `prepareTopics`.
 */
export async function rebuild({
  cluster,
  before,
  topics,
  backends,
  logger,
}: RebuildOptions): Promise<void> {
  const groupId = topics.applicationId
  logger.warn({ groupId }, 'the plan changed: state is deleted and built anew from the sources')
  const { partitionCounts, sourceTopics } = planTopics(
    topics,
    await existingCounts(cluster, topics),
  )
  const sources = sourceTopics.flatMap((topic) =>
    Array.from({ length: partitionCounts.get(topic) ?? 0 }, (_, partition) => ({
      topic,
      partition,
    })),
  )
  // First what may be refused: nothing is deleted under a running group. The broker would refuse too,
  // in words of its own.
  const { memberCount } = await cluster.admin.describeGroup(groupId)
  if (memberCount > 0) throw groupIsRunning(groupId, memberCount)
  await cluster.admin.resetOffsets(
    groupId,
    await cluster.listOffsets(sources, 'earliest', 'read_uncommitted'),
  )
  const repartitions = await partitionCountsOf(
    cluster,
    before.repartitions.map(({ name }) => repartitionTopic(groupId, name)),
  )
  await cluster.admin.resetOffsets(
    groupId,
    [...repartitions].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition, offset: 0 })),
    ),
  )
  const changelogs = await partitionCountsOf(
    cluster,
    before.stores.map(({ name }) => changelogTopic(groupId, name)),
  )
  await cluster.admin.deleteTopics([...repartitions.keys(), ...changelogs.keys()])
  await forgetStates(backends)
}

/** Deletes the states on this disk; what belongs to the process stays. */
export async function forgetStates(backends: StateBackends): Promise<void> {
  for (const name of await backends.list())
    if (name !== processBackend) await backends.destroy(name)
}

function groupIsRunning(groupId: string, memberCount: number): MillraceError {
  return new MillraceError('MILLRACE_RUNTIME_PLAN_CHANGED', {
    message: `the state of ${groupId} cannot be rebuilt while the group has members (${memberCount})`,
    remedy:
      'Stop every instance, wait out the session time-out of those that were killed, then start with MILLRACE_ON_PLAN_CHANGE=rebuild.',
  })
}
