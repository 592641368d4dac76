import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'

/**
 * Whether an offset is out of range because the group has gone past it: the process stood still, its
 * partitions went to others, and what these committed was deleted from the repartition meanwhile.
 */
export async function isOvertaken(
  error: unknown,
  groupId: string,
  cluster: Cluster,
): Promise<boolean> {
  if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE') return false
  const { at } = error
  if (at === undefined) return false
  const [committed] = await cluster.committedOffsets(groupId, [at], { requireStable: true })
  return committed !== undefined && committed.offset > at.offset
}
