import { isMillraceError, MillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import { configProblems, countProblems, type TopicProblem } from './topic-problems.ts'
import {
  existingCounts,
  externalTopicsOf,
  outputTopicsOf,
  partitionCountsOf,
  planTopics,
  type TopicSet,
  type TopicSetOptions,
} from './topic-set.ts'

/** The topics of an application, found or made. */
export interface PreparedTopics extends TopicSet {
  /** `delete.retention.ms` of each changelog, by store. */
  readonly deleteRetentionMs: ReadonlyMap<string, number>
  /** Settings of the topics that are written, as far as this principal may read them. */
  readonly configs: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/**
 * Makes the internal topics that are missing and checks those that exist. Rejects with
 * `MILLRACE_RUNTIME_TOPIC_MISSING` for an external topic that does not exist (they are never
 * made), `MILLRACE_TOPOLOGY_CO_PARTITION`, or `MILLRACE_RUNTIME_INTERNAL_TOPIC` naming what to do.
 */
export async function prepareTopics(
  cluster: Cluster,
  options: TopicSetOptions,
  logger: Logger,
): Promise<PreparedTopics> {
  const external = externalTopicsOf(options)
  const counts = await existingCounts(cluster, options)
  const missing = external.filter((topic) => !counts.has(topic))
  if (missing.length > 0) {
    throw new MillraceError('MILLRACE_RUNTIME_TOPIC_MISSING', {
      message: `missing: ${missing.join(', ')}`,
    })
  }
  const planned = planTopics(options, counts)
  const existing = await partitionCountsOf(
    cluster,
    planned.internal.map(({ topic }) => topic),
  )
  const toMake = planned.internal.filter(({ topic }) => !existing.has(topic))
  if (toMake.length > 0) {
    await cluster.admin.createTopics(toMake)
    logger.info({ topics: toMake.map(({ topic }) => topic) }, 'internal topics created')
  }
  // Also those just made: another instance may have made them first, from another plan.
  const found = await partitionCountsOf(
    cluster,
    planned.internal.map(({ topic }) => topic),
  )
  for (const topic of planned.internal) throwFirst(countProblems(topic, found.get(topic.topic)))

  const deleteRetentionMs = new Map<string, number>()
  const allConfigs = await readConfigs(cluster, outputTopicsOf(options), logger)
  for (const topic of planned.internal) {
    const configs = await cluster.admin.topicConfigs(topic.topic)
    allConfigs.set(topic.topic, configs)
    throwFirst(configProblems(topic, configs))
    const retention = Number(configs.get('delete.retention.ms'))
    if (topic.store !== undefined && retention > 0) deleteRetentionMs.set(topic.store, retention)
  }
  return { ...planned, deleteRetentionMs, configs: allConfigs }
}

/** Without the right to read them a topic's limits are not known; the broker says no in its time. */
async function readConfigs(
  cluster: Cluster,
  topics: readonly string[],
  logger: Logger,
): Promise<Map<string, ReadonlyMap<string, string>>> {
  const found = new Map<string, ReadonlyMap<string, string>>()
  for (const topic of topics) {
    try {
      found.set(topic, await cluster.admin.topicConfigs(topic))
    } catch (error) {
      if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_AUTHORIZATION') throw error
      logger.debug({ topic }, 'the settings of a topic may not be read')
    }
  }
  return found
}

function throwFirst([first]: readonly TopicProblem[]): void {
  if (first !== undefined) throw new MillraceError('MILLRACE_RUNTIME_INTERNAL_TOPIC', first)
}
