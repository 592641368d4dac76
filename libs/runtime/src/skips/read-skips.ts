import { isMillraceError } from '@millrace/errors'
import type { Cluster } from '@millrace/kafka'
import type { Logger } from '@millrace/telemetry'
import { readLatest } from '../internal-topics/read-latest.ts'
import { skipsTopic } from '../internal-topics/topic-names.ts'
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
    return [...(await readLatest(cluster, topic)).values()].map(decodeSkip)
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'MILLRACE_KAFKA_AUTHORIZATION') throw error
    logger.warn({ topic }, 'the topic of skipped records may not be read: none is skipped')
    return []
  }
}
