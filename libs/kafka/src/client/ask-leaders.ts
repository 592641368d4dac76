import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { PartitionError } from '../ports/transport.ts'
import { errorFor } from '../wire/classify.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { type Connection, retryOperation } from './connection.ts'
import type { MetadataCache } from './metadata/metadata-cache.ts'
import { noLeader } from './metadata/topic-metadata.ts'
import { partitionName } from './partition-name.ts'
import { isRetriableError } from './retry.ts'

/**
 * Sends a request about partitions to the leader of each, all leaders at the same time, and repeats
 * it for the partitions that failed in passing. Resolves to the answers in the order asked. Rejects
 * with `MILLRACE_KAFKA_TOPIC_MISSING`, or with what the first partition failed of for good.
 */
export async function askLeaders<P extends TopicPartition, A extends PartitionError>(
  connection: Connection,
  doing: string,
  partitions: readonly P[],
  send: (nodeId: number, partitions: readonly P[]) => Promise<readonly A[]>,
): Promise<A[]> {
  const answers = new Map<string, A>()
  let open = partitions
  let isFirst = true
  await retryOperation(connection, async () => {
    await learnLeaders(connection.metadata, open, !isFirst)
    isFirst = false
    const errors: unknown[] = []
    const askOne = async (nodeId: number, group: readonly P[]) => {
      for (const answer of await send(nodeId, group)) {
        if (answer.errorCode === kafkaError.NONE) answers.set(partitionName(answer), answer)
        else
          errors.push(
            errorFor(answer.errorCode, doing, { topic: answer.topic, partition: answer.partition }),
          )
      }
    }
    const groups = groupByLeader(connection.metadata, open)
    const asked = [...groups].map(([nodeId, group]) =>
      askOne(nodeId, group).catch((error) => errors.push(error)),
    )
    await Promise.all(asked)
    open = open.filter((partition) => !answers.has(partitionName(partition)))
    const fatal = errors.find((error) => !isRetriableError(error))
    if (fatal !== undefined) throw fatal
    if (open.length > 0) throw errors[0] ?? noLeaderError(doing, open[0]!)
  })
  return partitions.map((partition) => answers.get(partitionName(partition))!)
}

/** Refreshes the metadata of topics with a partition whose leader is unknown; of all of them if told so. */
async function learnLeaders(
  metadata: MetadataCache,
  partitions: readonly TopicPartition[],
  isStale: boolean,
): Promise<void> {
  const unknown = partitions.filter(
    (p) => isStale || metadata.leader(p.topic, p.partition) === noLeader,
  )
  if (unknown.length === 0) return
  const topics = new Set(unknown.map((p) => p.topic))
  await metadata.refresh(topics)
  for (const topic of topics) {
    const error = metadata.topicError(topic)
    if (error !== null) throw error
  }
}

/** Partitions without a leader are left out. */
function groupByLeader<P extends TopicPartition>(
  metadata: MetadataCache,
  partitions: readonly P[],
): ReadonlyMap<number, readonly P[]> {
  const groups = Map.groupBy(partitions, (p) => metadata.leader(p.topic, p.partition))
  groups.delete(noLeader)
  return groups
}

function noLeaderError(doing: string, at: TopicPartition): MillraceError {
  return new MillraceError('MILLRACE_KAFKA_RETRIABLE', {
    message: `${doing}: ${partitionName(at)} has no leader`,
  })
}
