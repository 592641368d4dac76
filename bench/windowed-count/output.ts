import { BatchCursor, type Cluster } from '@millrace/kafka'

/** The last value of every key and window in an output topic, by the key's bytes (both sides write them alike). */
export async function finalCounts(
  cluster: Cluster,
  topic: string,
  partitionCount: number,
): Promise<Map<string, number>> {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({
    topic,
    partition,
  }))
  const ends = await cluster.listOffsets(partitions, 'latest', 'read_committed')
  const open = new Map(
    ends.filter(({ offset }) => offset > 0).map((end) => [end.partition, end.offset]),
  )
  const fetcher = cluster.fetcher({ isolation: 'read_committed' })
  fetcher.assign([...open.keys()].map((partition) => ({ topic, partition, offset: 0 })))
  const counts = new Map<string, number>()
  const cursor = new BatchCursor()
  while (open.size > 0) {
    for (const fetched of await fetcher.poll(1_000)) {
      for (const batch of fetched.batches) {
        cursor.load(batch)
        while (cursor.next())
          counts.set(cursor.key()?.toString('latin1') ?? '', countOf(cursor.value()))
      }
      if (fetched.nextOffset >= (open.get(fetched.partition) ?? 0)) open.delete(fetched.partition)
    }
  }
  await fetcher.close()
  return counts
}

/** Kafka Streams writes a long of eight bytes, Millrace is told to write the same. */
function countOf(value: Buffer | null): number {
  return value === null ? 0 : Number(value.readBigInt64BE(0))
}

/** Differences between two sides, named; empty where they agree. */
export function differences(
  left: ReadonlyMap<string, number>,
  right: ReadonlyMap<string, number>,
): string[] {
  const found: string[] = []
  for (const [key, count] of left) {
    if (right.get(key) !== count)
      found.push(`${JSON.stringify(key)}: ${count} against ${right.get(key) ?? 'nothing'}`)
  }
  for (const [key, count] of right)
    if (!left.has(key)) found.push(`${JSON.stringify(key)}: nothing against ${count}`)
  return found
}
