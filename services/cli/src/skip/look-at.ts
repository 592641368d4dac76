import type { RecordPosition } from '@millrace/errors'
import { BatchCursor, type Cluster } from '@millrace/kafka'

/** What is known of a record that is to be passed over. Never its content: it may be secret. */
export interface RecordReport {
  readonly position: RecordPosition
  readonly partitionCount: number | null
  readonly startOffset: number | null
  readonly endOffset: number | null
  /** Where the application's group reads on; null where it never committed. */
  readonly committedOffset: number | null
  readonly record: {
    readonly timestampMs: number
    readonly keyBytes: number | null
    readonly valueBytes: number | null
  } | null
}

const readsMax = 20

export async function lookAt(
  cluster: Cluster,
  groupId: string,
  position: RecordPosition,
): Promise<RecordReport> {
  const { topic, partition } = position
  const partitionCount = (await cluster.metadata([topic])).get(topic)?.partitionCount ?? null
  const nothing = { startOffset: null, endOffset: null, committedOffset: null, record: null }
  if (partitionCount === null || partition >= partitionCount)
    return { position, partitionCount, ...nothing }
  const at = [{ topic, partition }]
  const [start] = await cluster.listOffsets(at, 'earliest', 'read_committed')
  const [end] = await cluster.listOffsets(at, 'latest', 'read_committed')
  const [committed] = await cluster.committedOffsets(groupId, at, { requireStable: false })
  const [startOffset, endOffset] = [start?.offset ?? 0, end?.offset ?? 0]
  const isThere = position.offset >= startOffset && position.offset < endOffset
  return {
    position,
    partitionCount,
    startOffset,
    endOffset,
    committedOffset: committed?.offset ?? null,
    record: isThere ? await readRecord(cluster, position) : null,
  }
}

/** Why a skip would change nothing; null where it would. */
export function refusalOf(report: RecordReport): string | null {
  const { position, partitionCount, startOffset, endOffset, committedOffset, record } = report
  const { topic, partition, offset } = position
  if (partitionCount === null) return `there is no topic ${topic}`
  if (partition >= partitionCount) return `${topic} has ${partitionCount} partitions`
  if (committedOffset !== null && committedOffset > offset)
    return `the application has committed ${committedOffset}: it has this record behind it`
  if (record !== null) return null
  return `no record is at ${offset} of ${topic}[${partition}], which holds ${startOffset} to ${endOffset}`
}

async function readRecord(
  cluster: Cluster,
  position: RecordPosition,
): Promise<RecordReport['record']> {
  const fetcher = cluster.fetcher({ isolation: 'read_committed' })
  const cursor = new BatchCursor()
  try {
    fetcher.assign([position])
    for (let read = 0; read < readsMax; read++) {
      for (const { batches, nextOffset } of await fetcher.poll(1_000)) {
        for (const batch of batches) {
          cursor.load(batch)
          while (cursor.next()) if (cursor.offset === position.offset) return sizesOf(cursor)
        }
        if (nextOffset > position.offset) return null
      }
    }
    return null
  } finally {
    await fetcher.close()
  }
}

function sizesOf(cursor: BatchCursor): NonNullable<RecordReport['record']> {
  return {
    timestampMs: cursor.timestampMs,
    keyBytes: cursor.key()?.length ?? null,
    valueBytes: cursor.value()?.length ?? null,
  }
}
