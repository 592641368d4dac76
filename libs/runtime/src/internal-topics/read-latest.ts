import type { Cluster } from '@millrace/kafka'
import { readPartition } from './read-partition.ts'
import { partitionCountsOf } from './topic-set.ts'

/**
 * The latest value of each key in a compacted topic of one partition, in the order of their first
 * record; deleted keys are left out. Nothing where the topic does not exist.
 */
export async function readLatest(
  cluster: Cluster,
  topic: string,
): Promise<ReadonlyMap<string, Buffer>> {
  const latest = new Map<string, Buffer>()
  const counts = await partitionCountsOf(cluster, [topic])
  if (!counts.has(topic)) return latest
  await readPartition(cluster, { topic, partition: 0 }, Number.POSITIVE_INFINITY, (cursor) => {
    const key = String(cursor.key())
    const value = cursor.value()
    if (value === null) latest.delete(key)
    else latest.set(key, Buffer.from(value))
  })
  return latest
}
