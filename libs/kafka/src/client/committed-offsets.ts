import type { TopicPartition } from '@millrace/record'
import type { CommittedOffset } from '../ports/cluster.ts'
import { errorFor } from '../wire/classify.ts'
import { kafkaError } from '../wire/error-codes.ts'
import { type Connection, retryOperation } from './connection.ts'

/**
 * See `Cluster.committedOffsets`. UNSTABLE_OFFSET_COMMIT (88) is retriable: the read waits until the
 * open transaction is decided, as `KafkaConsumer` does (KIP-447).
 */
export async function committedOffsets(
  connection: Connection,
  groupId: string,
  partitions: readonly TopicPartition[],
  requireStable: boolean,
): Promise<CommittedOffset[]> {
  if (partitions.length === 0) return []
  const doing = `reading the committed offsets of group ${groupId}`
  return retryOperation(connection, async () => {
    const answer = await connection.coordinators.call(
      'group',
      groupId,
      (nodeId) => connection.transport.offsetFetch(nodeId, { groupId, requireStable, partitions }),
      ({ errorCode }) => [errorCode],
    )
    if (answer.errorCode !== kafkaError.NONE) throw errorFor(answer.errorCode, doing)
    const failed = answer.partitions.find((partition) => partition.errorCode !== kafkaError.NONE)
    if (failed !== undefined)
      throw errorFor(failed.errorCode, doing, { topic: failed.topic, partition: failed.partition })
    return answer.partitions
      .filter(({ offset }) => offset >= 0)
      .map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata }))
  })
}
