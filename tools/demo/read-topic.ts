import { BatchCursor, type Cluster } from '@millrace/kafka'
import type { Headers } from '@millrace/record'

/** One record as it lies in a topic; bytes are copies. */
export interface TopicRecord {
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers
}

const pollMs = 500

/** Every record of a topic up to the end it has now, by partition in offset order. */
export async function readTopic(
  cluster: Cluster,
  topic: string,
): Promise<readonly TopicRecord[][]> {
  const count = (await cluster.metadata([topic])).get(topic)?.partitionCount ?? 0
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }))
  const starts = await cluster.listOffsets(partitions, 'earliest', 'read_committed')
  const ends = await cluster.listOffsets(partitions, 'latest', 'read_committed')
  const open = new Map(ends.map((end) => [end.partition, end.offset]))
  for (const { partition, offset } of starts)
    if (offset >= (open.get(partition) ?? 0)) open.delete(partition)
  const records: TopicRecord[][] = partitions.map(() => [])
  const fetcher = cluster.fetcher({ isolation: 'read_committed' })
  fetcher.assign(starts.filter(({ partition }) => open.has(partition)))
  const cursor = new BatchCursor()
  while (open.size > 0) {
    for (const { partition, batches, nextOffset } of await fetcher.poll(pollMs)) {
      for (const batch of batches) {
        cursor.load(batch)
        while (cursor.next()) records[partition]?.push({ partition, ...current(cursor) })
      }
      if (nextOffset >= (open.get(partition) ?? 0)) open.delete(partition)
    }
  }
  await fetcher.close()
  return records
}

function current(cursor: BatchCursor): Omit<TopicRecord, 'partition'> {
  return {
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: copy(cursor.key()),
    value: copy(cursor.value()),
    headers: cursor.headers().map(([name, value]) => [name, copy(value)] as const),
  }
}

function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes)
}
