import { assert } from '@millrace/errors'
import { BatchCursor } from '../../wire/batch-cursor.ts'
import type { RecordBatch } from '../../wire/record-batch.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { RecordBatchWriter } from '../../wire/record-batch-writer.ts'
import { OutgoingBatch } from './outgoing-batch.ts'
import { sequenceAfter } from './producer-identity.ts'

/** The records of a batch in two batches with the same sequences; null where there is one record. */
export function halvesOf(whole: OutgoingBatch): readonly [OutgoingBatch, OutgoingBatch] | null {
  const { bytes, recordCount, sequence } = whole
  if (recordCount < 2) return null
  const [parsed] = parseRecordBatches(bytes, 0, bytes.length, { verifyCrc: false })
  assert(parsed, 'a sealed batch can be read again')
  const cursor = new BatchCursor()
  cursor.load(parsed)
  const firstCount = Math.ceil(recordCount / 2)
  const first = take(cursor, firstCount, parsed, sequence)
  const rest = recordCount - firstCount
  const second = take(cursor, rest, parsed, sequenceAfter(sequence, firstCount))
  const batchOf = (part: typeof first): OutgoingBatch => {
    const batch = new OutgoingBatch(part.bytes, part.count, part.sequence, whole.sealedAtMs)
    // As often as the whole: what may be in the log must not be written under another epoch.
    batch.attempts = whole.attempts
    return batch
  }
  return [batchOf(first), batchOf(second)]
}

function take(
  cursor: BatchCursor,
  count: number,
  { producerId, producerEpoch, isTransactional }: RecordBatch,
  sequence: number,
): { readonly bytes: Buffer; readonly count: number; readonly sequence: number } {
  const writer = new RecordBatchWriter()
  for (let taken = 0; taken < count && cursor.next(); taken++) {
    writer.append(cursor.key(), cursor.value(), cursor.timestampMs, cursor.headers())
  }
  assert(writer.count === count, 'a batch has the records that it says')
  const stamp = { producerId, producerEpoch, baseSequence: sequence, isTransactional }
  return { bytes: writer.finish(stamp), count, sequence }
}
