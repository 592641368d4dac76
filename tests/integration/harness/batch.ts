import type { TopicRecord } from '../../../tools/demo/read-topic.ts'

/** What the batch needs of a record. */
export interface BatchRecord {
  readonly key: string | null
  readonly timestampMs: number
}

export interface BatchCounts {
  /** By `key@windowStartMs`. */
  readonly counts: ReadonlyMap<string, number>
  readonly late: number
}

/**
 * The judge: a tumbling count of everything at once, without any of Millrace's code. Each partition
 * is read in order with its own stream time, because that is what decides whether a record is late:
 * end + grace <= the largest timestamp seen so far.
 */
export function batchCounts(
  partitions: readonly (readonly BatchRecord[])[],
  { sizeMs, graceMs }: { readonly sizeMs: number; readonly graceMs: number },
): BatchCounts {
  const counts = new Map<string, number>()
  let late = 0
  for (const records of partitions) {
    let streamTimeMs = -1
    for (const { key, timestampMs } of records) {
      if (key === null) continue
      streamTimeMs = Math.max(streamTimeMs, timestampMs)
      const startMs = Math.floor(timestampMs / sizeMs) * sizeMs
      if (startMs + sizeMs + graceMs <= streamTimeMs) {
        late += 1
        continue
      }
      const id = `${key}@${startMs}`
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
  }
  return { counts: sorted(counts), late }
}

/** The input as it lies in its topic. */
export function asBatch(
  partitions: readonly (readonly TopicRecord[])[],
): readonly (readonly BatchRecord[])[] {
  return partitions.map((records) =>
    records.map(({ key, timestampMs }) => ({ key: key?.toString() ?? null, timestampMs })),
  )
}

/** Every result of each `key@windowStartMs`, in the order of the topic. */
export function updatesOf(
  partitions: readonly (readonly TopicRecord[])[],
): ReadonlyMap<string, readonly number[]> {
  const updates = new Map<string, number[]>()
  for (const { key, value } of partitions.flat()) {
    if (key === null || value === null) continue
    const id = `${key.subarray(0, -8).toString()}@${key.readBigInt64BE(key.length - 8)}`
    updates.set(id, [...(updates.get(id) ?? []), Number(value.toString())])
  }
  return sorted(updates)
}

/** What an output topic says last of each `key@windowStartMs`. */
export function finalsOf(
  partitions: readonly (readonly TopicRecord[])[],
): ReadonlyMap<string, number> {
  const updates = [...updatesOf(partitions)]
  return new Map(updates.map(([id, values]) => [id, values.at(-1) ?? Number.NaN]))
}

/** Windows that are missing or below what they must be, in sentences, and what is too much. */
export function compareAtLeast(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): { readonly differences: readonly string[]; readonly surplus: number } {
  const differences: string[] = []
  let surplus = 0
  for (const [id, count] of expected) {
    const got = found.get(id)
    if (got === undefined || got < count) differences.push(`${id}: ${got} instead of ${count}`)
    else surplus += got - count
  }
  for (const id of found.keys()) if (!expected.has(id)) differences.push(`${id}: no such window`)
  return { differences, surplus }
}

function sorted<V>(entries: ReadonlyMap<string, V>): Map<string, V> {
  return new Map([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
