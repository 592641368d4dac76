import type { MetadataAnswer } from '../../ports/transport.ts'
import { kafkaError } from '../../wire/error-codes.ts'

export const noLeader = -1

/** What the cluster last said about a topic. */
export interface TopicEntry {
  /** 0, or why the topic cannot be used. */
  readonly errorCode: number
  /** Broker ids by partition; -1 where there is no leader. */
  readonly leaders: readonly number[]
  /** How often each partition changed its leader, as the cluster counts it; -1 where unknown. */
  readonly leaderEpochs: readonly number[]
  /** Replica counts by partition. */
  readonly replicas: readonly number[]
}

export function toTopicEntry(topic: MetadataAnswer['topics'][number]): TopicEntry {
  const leaders: number[] = []
  const leaderEpochs: number[] = []
  const replicas: number[] = []
  for (const partition of topic.partitions) {
    leaders[partition.partition] = partition.leaderId
    leaderEpochs[partition.partition] = partition.leaderEpoch
    replicas[partition.partition] = partition.replicas.length
  }
  for (let i = 0; i < leaders.length; i++) leaders[i] ??= noLeader
  return { errorCode: topic.errorCode, leaders, leaderEpochs, replicas }
}

export function isMissing(entry: TopicEntry): boolean {
  return entry.errorCode === kafkaError.UNKNOWN_TOPIC_OR_PARTITION
}
