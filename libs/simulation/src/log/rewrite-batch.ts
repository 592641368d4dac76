import {
  batchAttribute,
  batchField,
  crc32c,
  decompressBatch,
  logOverheadBytes,
  type RecordBatch,
} from '@millrace/kafka'
import { parseStored } from './partition-log.ts'

/** Where one record's bytes lie in a batch's uncompressed records. */
export interface RecordSpan {
  readonly start: number
  readonly end: number
}

/** The records of a batch, in order; each begins with its length as a zigzag varint. */
export function recordSpans(batch: RecordBatch): RecordSpan[] {
  const { buffer, recordsStart, recordCount } = decompressBatch(batch)
  const spans: RecordSpan[] = []
  let at = recordsStart
  for (let i = 0; i < recordCount; i++) {
    const start = at
    let zigzag = 0
    let shift = 0
    for (;;) {
      const byte = buffer[at++]!
      zigzag |= (byte & 127) << shift
      if (byte < 128) break
      shift += 7
    }
    at += zigzag >>> 1
    spans.push({ start, end: at })
  }
  return spans
}

/**
 * The batch with some of its records. Base offset, last offset delta and base time stay, so the
 * records' own deltas hold and their bytes are taken over as they are.
 */
export function rewriteBatch(batch: RecordBatch, spans: readonly RecordSpan[]): RecordBatch {
  const { buffer } = decompressBatch(batch)
  const header = batch.buffer.subarray(0, batchField.records)
  const encoded = Buffer.concat([
    header,
    ...spans.map(({ start, end }) => buffer.subarray(start, end)),
  ])
  const attributes = encoded.readInt16BE(batchField.attributes) & ~batchAttribute.compressionMask
  encoded.writeInt16BE(attributes, batchField.attributes)
  encoded.writeInt32BE(encoded.length - logOverheadBytes, batchField.batchLength)
  encoded.writeInt32BE(spans.length, batchField.recordCount)
  const crc = crc32c(encoded, batchField.attributes, encoded.length)
  encoded.writeInt32BE(crc, batchField.crc)
  return parseStored(encoded)
}
