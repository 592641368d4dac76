import { MillraceError } from '@millrace/errors'
import type { TopicPartition } from '@millrace/record'
import type { Closing } from '../closing.ts'
import type { Connection } from '../connection.ts'
import { listOffsets } from '../list-offsets.ts'
import { pause } from '../retry.ts'

const passingPauseMs = 100

/**
 * Compares an offset that a leader called out of range with the log's start and end, which its
 * answer does not tell. Null where the offset is in range after all (a new leader that was behind):
 * the fetch can be repeated. Never moves a position.
 */
export async function questionOffset(
  connection: Connection,
  closing: Closing,
  at: TopicPartition,
  offset: number,
): Promise<MillraceError | null> {
  const { topic, partition } = at
  const asked = [{ topic, partition }]
  const [start] = await listOffsets(connection, asked, 'earliest', 'read_uncommitted')
  const [end] = await listOffsets(connection, asked, 'latest', 'read_uncommitted')
  if (start!.offset <= offset && offset <= end!.offset) {
    await pause(connection.clock, closing, passingPauseMs)
    return null
  }
  return new MillraceError('MILLRACE_KAFKA_OFFSET_OUT_OF_RANGE', {
    message: `offset ${offset} of ${topic}[${partition}] is out of range: the log starts at ${start!.offset} and ends at ${end!.offset}`,
    at: { topic, partition, offset },
  })
}
