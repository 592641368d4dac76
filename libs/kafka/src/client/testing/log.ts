import { noHeaders } from '@millrace/record'
import type { FetchPartitionAnswer } from '../../ports/transport.ts'
import { batchField } from '../../wire/batch-header.ts'
import { encodeControlBatch } from '../../wire/control-batch.ts'
import { crc32c } from '../../wire/primitives/crc32c.ts'
import type { RecordBatch } from '../../wire/record-batch.ts'
import { parseRecordBatches } from '../../wire/record-batch-reader.ts'
import { RecordBatchWriter } from '../../wire/record-batch-writer.ts'

export interface DataBatch {
  readonly baseOffset: number
  readonly values: readonly string[]
  readonly key?: Buffer
  readonly producerId?: number
  readonly isTransactional?: boolean
  /** Widens the batch as the cleaner leaves it: offsets without records after the last one. */
  readonly lastOffset?: number
}

/** A batch as a broker keeps it. */
export function dataBatch(batch: DataBatch): Buffer {
  const writer = new RecordBatchWriter()
  for (const value of batch.values)
    writer.append(batch.key ?? null, Buffer.from(value), 1_000, noHeaders)
  const isTransactional = batch.isTransactional ?? false
  const producerId = batch.producerId ?? -1
  const bytes = writer.finish({
    producerId,
    producerEpoch: 0,
    baseSequence: 0,
    isTransactional,
    baseOffset: batch.baseOffset,
  })
  if (batch.lastOffset !== undefined) {
    bytes.writeInt32BE(batch.lastOffset - batch.baseOffset, batchField.lastOffsetDelta)
    bytes.writeInt32BE(crc32c(bytes, batchField.attributes, bytes.length), batchField.crc)
  }
  return bytes
}

export function marker(kind: 'abort' | 'commit', producerId: number, baseOffset: number): Buffer {
  return encodeControlBatch({
    marker: kind,
    producerId,
    producerEpoch: 0,
    coordinatorEpoch: 0,
    timestampMs: 1_000,
    baseOffset,
  })
}

export function parsed(...batches: readonly Buffer[]): readonly RecordBatch[] {
  const buffer = Buffer.concat(batches)
  return parseRecordBatches(buffer, 0, buffer.length, { verifyCrc: false })
}

export function partitionAnswer(
  topic: string,
  partition: number,
  overrides: Partial<FetchPartitionAnswer> = {},
): FetchPartitionAnswer {
  return {
    topic,
    partition,
    errorCode: 0,
    highWatermark: 100,
    lastStableOffset: 100,
    logStartOffset: 0,
    abortedTransactions: [],
    records: Buffer.alloc(0),
    ...overrides,
  }
}
