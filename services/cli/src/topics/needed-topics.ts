import type { Config } from '@millrace/config'
import type { Cluster } from '@millrace/kafka'
import {
  existingCounts,
  externalTopicsOf,
  type InternalTopic,
  planTopics,
  type TopicSetOptions,
} from '@millrace/runtime'
import type { Topology } from '@millrace/topology'

export interface NeededTopics {
  /** Read or written, and made by somebody else; null partitions where a topic is missing. */
  readonly external: readonly { readonly topic: string; readonly partitionCount: number | null }[]
  /** Made by the processors where they may. */
  readonly internal: readonly (InternalTopic & { readonly exists: boolean })[]
}

export function topicSetOptions(config: Config, topology: Topology): TopicSetOptions {
  return {
    topology,
    applicationId: config.applicationId,
    deadLetterTopic: config.deadLetterTopic ?? undefined,
    replicationFactor: config.internalReplication ?? undefined,
  }
}

/** `assumedCount` is taken for external topics that are missing. Throws what `planTopics` throws. */
export async function neededTopics(
  cluster: Cluster,
  options: TopicSetOptions,
  assumedCount: number,
): Promise<NeededTopics> {
  const names = externalTopicsOf(options)
  const found = await cluster.metadata(names)
  const counts = new Map([
    ...(await existingCounts(cluster, options)),
    ...names.map((topic) => [topic, found.get(topic)?.partitionCount ?? assumedCount] as const),
  ])
  const { internal } = planTopics(options, counts)
  const made = await cluster.metadata(internal.map(({ topic }) => topic))
  return {
    external: names.map((topic) => ({
      topic,
      partitionCount: found.get(topic)?.partitionCount ?? null,
    })),
    internal: internal.map((topic) => ({ ...topic, exists: made.has(topic.topic) })),
  }
}

/** `kafka-topics` for one topic; without a replication factor the broker's default counts. */
export function createCommand(
  { topic, partitionCount, replicationFactor, configs = {} }: Omit<InternalTopic, 'kind'>,
  bootstrap: string,
): string {
  return [
    `kafka-topics.sh --bootstrap-server ${bootstrap} --create --topic ${topic}`,
    `--partitions ${partitionCount}`,
    ...(replicationFactor === undefined ? [] : [`--replication-factor ${replicationFactor}`]),
    ...Object.entries(configs).map(([name, value]) => `--config ${name}=${value}`),
  ].join(' ')
}
