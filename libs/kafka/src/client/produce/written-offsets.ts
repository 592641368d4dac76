import type { PartitionOffset } from '../../ports/cluster.ts'
import type { Connection } from '../connection.ts'
import { listOffsets } from '../list-offsets.ts'
import { type PartitionQueue, unknownOffset } from './partition-queue.ts'

/**
 * The offset after the last acknowledged record of each queue. Where the broker took the last batch
 * for a repetition and did not say where the first lies, the log's end stands for it: never too low.
 */
export async function writtenOffsets(
  connection: Connection,
  queues: readonly PartitionQueue[],
): Promise<PartitionOffset[]> {
  const written = queues.map(({ topic, partition, endOffset }) => ({
    topic,
    partition,
    offset: endOffset,
  }))
  const unknown = written.filter(({ offset }) => offset === unknownOffset)
  if (unknown.length === 0) return written
  const ends = await listOffsets(connection, unknown, 'latest', 'read_uncommitted')
  return written.map((each) =>
    each.offset === unknownOffset ? ends[unknown.indexOf(each)]! : each,
  )
}
