import { MillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import { partitionCountsOf, type TopicSet } from './topic-set.ts'

/**
 * Keys would move away from their state when a source topic gets another number of partitions:
 * throws `MILLRACE_RUNTIME_PARTITIONS_CHANGED`, or `MILLRACE_RUNTIME_TOPIC_MISSING` where it is gone.
 */
export async function checkPartitionCounts(cluster: Cluster, topics: TopicSet): Promise<void> {
  const found = await partitionCountsOf(cluster, topics.sourceTopics)
  for (const topic of topics.sourceTopics) {
    const before = topics.partitionCounts.get(topic)
    const now = found.get(topic)
    if (now === before) continue
    if (now === undefined) {
      throw new MillraceError('MILLRACE_RUNTIME_TOPIC_MISSING', {
        message: `source topic ${topic} is gone`,
      })
    }
    throw new MillraceError('MILLRACE_RUNTIME_PARTITIONS_CHANGED', {
      message: `source topic ${topic} had ${before} partitions and has ${now}`,
    })
  }
}
