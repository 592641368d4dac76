import { isMillraceError } from '@millrace/errors'
import { BatchCursor, type Cluster, type FetchedPartition } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import { skipsTopic } from '../internal-topics/topic-names.ts'
import { partitionCountsOf } from '../internal-topics/topic-set.ts'
import { decodeSkip, type SkipRecord } from './skip-record.ts'

/**
 * Every skip of an application that was not taken back; none where none was ever asked for. Where the
 * topic may not be read, none either: a record that was to be skipped then stops its worker again.
 */
export async function readSkips(
  cluster: Cluster,
  applicationId: string,
  logger: Logger,
): Promise<readonly SkipRecord[]> {
  const topic = skipsTopic(applicationId)
  try {
    return await readAll(cluster, topic)
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_AUTHORIZATION') throw error
    logger.warn({ topic }, 'the topic of skipped records may not be read: none is skipped')
    return []
  }
}

async function readAll(cluster: Cluster, topic: string): Promise<readonly SkipRecord[]> {
  const counts = await partitionCountsOf(cluster, [topic])
  if (!counts.has(topic)) return []
  const partition = { topic, partition: 0 }
  const isolation = 'read_committed'
  // The end first: what is written while we read is for the next time.
  const [end] = await cluster.listOffsets([partition], 'latest', isolation)
  const [start] = await cluster.listOffsets([partition], 'earliest', isolation)
  if (end === undefined || start === undefined || start.offset >= end.offset) return []
  const skips = new Map<string, SkipRecord>()
  const fetcher = cluster.fetcher({ isolation })
  try {
    fetcher.assign([start])
    let position = start.offset
    while (position < end.offset) {
      for (const fetched of await fetcher.poll(500)) {
        takeIn(skips, fetched)
        position = fetched.nextOffset
      }
    }
  } finally {
    await fetcher.close()
  }
  return [...skips.values()]
}

function takeIn(skips: Map<string, SkipRecord>, fetched: FetchedPartition): void {
  const cursor = new BatchCursor()
  for (const batch of fetched.batches) {
    cursor.load(batch)
    while (cursor.next()) {
      const key = String(cursor.key())
      const value = cursor.value()
      if (value === null) skips.delete(key)
      else skips.set(key, decodeSkip(value))
    }
  }
}
