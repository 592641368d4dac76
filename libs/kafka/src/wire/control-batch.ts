import { noHeaders } from '@millrace/record'
import { BatchCursor } from './batch-cursor.ts'
import { batchAttribute, batchField } from './batch-header.ts'
import { crc32c } from './primitives/crc32c.ts'
import type { RecordBatch } from './record-batch.ts'
import { RecordBatchWriter } from './record-batch-writer.ts'

/** How a transaction ended, as its marker in the log says. */
export type TransactionMarker = 'abort' | 'commit'

export interface ControlBatch {
  readonly marker: TransactionMarker
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly timestampMs: number
  readonly baseOffset: number
}

/**
 * One transaction marker as a control batch. Key: version int16 0, type int16 (0 abort, 1 commit);
 * value: version int16 0, coordinatorEpoch int32 (Kafka's `EndTransactionMarker`).
 */
export function encodeControlBatch(control: ControlBatch): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(control.marker === 'commit' ? 1 : 0, 2)
  const value = Buffer.alloc(6)
  value.writeInt32BE(control.coordinatorEpoch, 2)
  const writer = new RecordBatchWriter(128)
  writer.append(key, value, control.timestampMs, noHeaders)
  const batch = writer.finish({
    producerId: control.producerId,
    producerEpoch: control.producerEpoch,
    baseSequence: -1,
    isTransactional: true,
    baseOffset: control.baseOffset,
  })
  batch.writeInt16BE(batchAttribute.transactional | batchAttribute.control, batchField.attributes)
  batch.writeInt32BE(crc32c(batch, batchField.attributes, batch.length), batchField.crc)
  return batch
}

/** The marker in a control batch; null for other batches and other kinds of control record. */
export function readTransactionMarker(batch: RecordBatch): TransactionMarker | null {
  if (!batch.isControl || batch.recordCount === 0) return null
  const cursor = new BatchCursor()
  cursor.load(batch)
  cursor.next()
  const key = cursor.key()
  if (key === null || key.length < 4) return null
  const type = key.readInt16BE(2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : null
}
