import { BatchCursor, type Cluster, type Fetcher, type PartitionOffset } from '@millrace/kafka'
import type { TopicPartition } from '@millrace/record'

export interface PartitionLag extends TopicPartition {
  /** Null where the group has committed nothing: it begins where `MILLRACE_START_OFFSET` says. */
  readonly committedOffset: number | null
  readonly startOffset: number
  /** The high watermark: what an open transaction holds back counts as lag. */
  readonly endOffset: number
  readonly lagRecords: number
  /** How old the next record is, by its own timestamp; null where there is none, or it is not to be read yet. */
  readonly lagSeconds: number | null
  /** Records between the log's start and the group; 0: the next one to be deleted is not read yet. */
  readonly headroomRecords: number | null
}

const readMs = 5_000

/** The lag of a group, read from the records themselves: nothing is extrapolated. */
export async function readLag(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  nowMs: number,
): Promise<readonly PartitionLag[]> {
  const [starts, ends, committed] = await Promise.all([
    cluster.listOffsets(partitions, 'earliest', 'read_uncommitted'),
    cluster.listOffsets(partitions, 'latest', 'read_uncommitted'),
    cluster.committedOffsets(groupId, partitions, { requireStable: false }),
  ])
  const startOf = offsetsBy(starts)
  const endOf = offsetsBy(ends)
  const committedOf = offsetsBy(committed)
  const rows = partitions.map((at) => {
    const startOffset = startOf.get(nameOf(at)) ?? 0
    const endOffset = endOf.get(nameOf(at)) ?? 0
    const committedOffset = committedOf.get(nameOf(at)) ?? null
    const from = Math.max(committedOffset ?? startOffset, startOffset)
    const lagRecords = Math.max(0, endOffset - from)
    const headroomRecords = committedOffset === null ? null : committedOffset - startOffset
    return { ...at, committedOffset, startOffset, endOffset, lagRecords, headroomRecords }
  })
  const behind = rows.filter(({ lagRecords }) => lagRecords > 0)
  const next = await nextTimestamps(
    cluster,
    behind.map(({ topic, partition, endOffset, lagRecords }) => ({
      topic,
      partition,
      offset: endOffset - lagRecords,
    })),
  )
  return rows.map((row) => {
    const timestampMs = next.get(nameOf(row))
    const lagSeconds = timestampMs === undefined ? null : Math.max(0, (nowMs - timestampMs) / 1_000)
    return { ...row, lagSeconds }
  })
}

/** The timestamp of the first record that a committed reader gets from each position. */
async function nextTimestamps(
  cluster: Cluster,
  positions: readonly PartitionOffset[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  if (positions.length === 0) return found
  const fetcher = cluster.fetcher({ isolation: 'read_committed', partitionMaxBytes: 64 << 10 })
  const giveUpAtMs = performance.now() + readMs
  try {
    fetcher.assign(positions)
    while (found.size < positions.length && performance.now() < giveUpAtMs)
      await takeFirsts(fetcher, found)
    return found
  } finally {
    await fetcher.close()
  }
}

async function takeFirsts(fetcher: Fetcher, found: Map<string, number>): Promise<void> {
  const cursor = new BatchCursor()
  for (const fetched of await fetcher.poll(500)) {
    const name = nameOf(fetched)
    if (found.has(name)) continue
    for (const batch of fetched.batches) {
      cursor.load(batch)
      while (!found.has(name) && cursor.next())
        if (cursor.offset >= fetched.offset) found.set(name, cursor.timestampMs)
    }
    if (found.has(name)) fetcher.pause([fetched])
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}[${partition}]`
}

function offsetsBy(offsets: readonly PartitionOffset[]): ReadonlyMap<string, number> {
  return new Map(offsets.map((at) => [nameOf(at), at.offset]))
}
