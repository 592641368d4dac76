import { BatchCursor, type Cluster, type FetchedPartition } from '@millrace/kafka'
import { partitionCountsOf } from '../internal-topics/topic-set.ts'

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
  const partition = { topic, partition: 0 }
  const isolation = 'read_committed'
  // The end first: what is written while we read is for the next time.
  const [end] = await cluster.listOffsets([partition], 'latest', isolation)
  const [start] = await cluster.listOffsets([partition], 'earliest', isolation)
  if (end === undefined || start === undefined || start.offset >= end.offset) return latest
  const fetcher = cluster.fetcher({ isolation })
  try {
    fetcher.assign([start])
    let position = start.offset
    while (position < end.offset) {
      for (const fetched of await fetcher.poll(500)) {
        takeIn(latest, fetched)
        position = fetched.nextOffset
      }
    }
  } finally {
    await fetcher.close()
  }
  return latest
}

function takeIn(latest: Map<string, Buffer>, fetched: FetchedPartition): void {
  const cursor = new BatchCursor()
  for (const batch of fetched.batches) {
    cursor.load(batch)
    while (cursor.next()) {
      const key = String(cursor.key())
      const value = cursor.value()
      if (value === null) latest.delete(key)
      else latest.set(key, Buffer.from(value))
    }
  }
}
