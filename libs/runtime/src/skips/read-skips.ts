import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import { readPartition } from '../internal-topics/read-partition.ts'
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
  const skips = new Map<string, SkipRecord>()
  await readPartition(cluster, { topic, partition: 0 }, Number.POSITIVE_INFINITY, (cursor) => {
    const key = String(cursor.key())
    const value = cursor.value()
    if (value === null) skips.delete(key)
    else skips.set(key, decodeSkip(value))
  })
  return [...skips.values()]
}
