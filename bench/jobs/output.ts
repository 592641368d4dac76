import { BatchCursor, type Cluster } from '@millrace/kafka'

/**
 * The results in an output topic by the key's bytes, which both sides write alike: of counts the last
 * of each key, those taken back left out; of joins how many, and a sum over all, in no order.
 */
export async function resultsOf(
  cluster: Cluster,
  topic: string,
  partitionCount: number,
  compares: 'last' | 'all',
): Promise<Map<string, string>> {
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
  const results = new Map<string, string>()
  const sums = new Map<string, Sum>()
  const cursor = new BatchCursor()
  while (open.size > 0) {
    for (const fetched of await fetcher.poll(1_000)) {
      for (const batch of fetched.batches) {
        cursor.load(batch)
        while (cursor.next()) {
          const key = cursor.key()?.toString('latin1') ?? ''
          const value = cursor.value()
          if (compares === 'all') add(sums, key, value)
          else if (value === null) results.delete(key)
          else results.set(key, String(value.readBigInt64BE(0)))
        }
      }
      if (fetched.nextOffset >= (open.get(fetched.partition) ?? 0)) open.delete(fetched.partition)
    }
  }
  await fetcher.close()
  for (const [key, { count, sum }] of sums) results.set(key, `${count} results, ${sum}`)
  return results
}

interface Sum {
  count: number
  sum: number
}

function add(sums: Map<string, Sum>, key: string, value: Buffer | null): void {
  let of = sums.get(key)
  if (of === undefined) {
    of = { count: 0, sum: 0 }
    sums.set(key, of)
  }
  of.count++
  let hash = 17
  for (const byte of value ?? []) hash = (Math.imul(hash, 31) + byte) | 0
  of.sum = (of.sum + hash) | 0
}

/** Differences between two sides, named; empty where they agree. */
export function differences(
  left: ReadonlyMap<string, string>,
  right: ReadonlyMap<string, string>,
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
