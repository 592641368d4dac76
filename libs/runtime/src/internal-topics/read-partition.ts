import { BatchCursor, type Cluster } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'

/**
 * Reads what is committed in a partition, up to its end as it is now: all of it, or the last
 * `recordsMax` offsets. The cursor stands at each record in turn.
 */
export async function readPartition(
  cluster: Cluster,
  partition: TopicPartition,
  recordsMax: number,
  take: (cursor: BatchCursor) => void,
): Promise<void> {
  const isolation = 'read_committed'
  // The end first: what is written while we read is for the next time.
  const [end] = await cluster.listOffsets([partition], 'latest', isolation)
  const [start] = await cluster.listOffsets([partition], 'earliest', isolation)
  if (end === undefined || start === undefined || start.offset >= end.offset) return
  const fetcher = cluster.fetcher({ isolation })
  const cursor = new BatchCursor()
  try {
    let position = Math.max(start.offset, end.offset - recordsMax)
    fetcher.assign([{ ...partition, offset: position }])
    while (position < end.offset) {
      for (const fetched of await fetcher.poll(500)) {
        for (const batch of fetched.batches) {
          cursor.load(batch)
          while (cursor.next()) take(cursor)
        }
        position = fetched.nextOffset
      }
    }
  } finally {
    await fetcher.close()
  }
}
