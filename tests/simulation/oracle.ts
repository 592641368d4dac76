import type { SimulatedCluster } from '@millrace/simulation'

/** A record of a test's input. */
export interface Input {
  readonly partition: number
  readonly key: string
  readonly timestampMs: number
}

/** Writes the records in their order. */
export function feed(cluster: SimulatedCluster, topic: string, inputs: readonly Input[]): void {
  for (const { partition, key, timestampMs } of inputs) {
    const bytes = Buffer.from(key)
    cluster.append(topic, partition, { key: bytes, value: bytes, timestampMs })
  }
}

/** Counts by `key@windowStart`, as a batch: knows nothing of partitions, time or commits. */
export function countByWindow(
  inputs: readonly Input[],
  sizeMs: number,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { key, timestampMs } of inputs) {
    const id = `${key}@${Math.floor(timestampMs / sizeMs) * sizeMs}`
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return sorted(counts)
}

/** What an output topic says of each `key@windowStart`: its last value. */
export function finalCounts(cluster: SimulatedCluster, topic: string): ReadonlyMap<string, number> {
  const finals = [...allCounts(cluster, topic)].map(
    ([id, counts]) => [id, counts.at(-1) ?? 0] as const,
  )
  return sorted(finals)
}

/** Every value of each `key@windowStart`, in the order of the topic; read-committed. */
export function allCounts(
  cluster: SimulatedCluster,
  topic: string,
): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number[]>()
  for (const { key, value } of cluster.readAll(topic)) {
    if (key === null || value === null) continue
    const bare = key.subarray(0, -8).toString()
    const id = `${bare}@${key.readBigInt64BE(key.length - 8)}`
    counts.set(id, [...(counts.get(id) ?? []), JSON.parse(value.toString()) as number])
  }
  return counts
}

function sorted(counts: Iterable<readonly [string, number]>): ReadonlyMap<string, number> {
  return new Map([...counts].toSorted(([left], [right]) => (left < right ? -1 : 1)))
}
