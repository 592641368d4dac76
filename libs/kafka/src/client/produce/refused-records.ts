import type { MillraceError } from '@millrace/errors'
import { RefusedTimestamps } from '../../ports/refused-timestamps.ts'
import type { ProduceAnswer } from '../../ports/transport.ts'
import { BatchCursor } from '../../wire/batch-cursor.ts'
import { errorFor } from '../../wire/classify.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'

/** The error of a batch refused for the time of some records, which the broker named by their place. */
export function refusedTimestamps(bytes: Buffer, answer: ProduceAnswer): MillraceError {
  const { topic, partition, errorCode, refusedRecords } = answer
  const error = errorFor(errorCode, 'writing', { topic, partition })
  const refused = new Set(refusedRecords)
  const [batch] = parseRecordBatches(bytes, 0, bytes.length, { verifyCrc: false })
  if (batch === undefined || refused.size === 0) return error
  const timestampsMs: number[] = []
  const cursor = new BatchCursor()
  cursor.load(batch)
  for (let place = 0; cursor.next(); place++)
    if (refused.has(place)) timestampsMs.push(cursor.timestampMs)
  if (timestampsMs.length === 0) return error
  const message = `writing of ${topic}[${partition}]: INVALID_TIMESTAMP (${errorCode}) of ${timestampsMs.length} records, the first at ${timestampsMs[0]}`
  return new RefusedTimestamps({ topic, partition, timestampsMs, message })
}
