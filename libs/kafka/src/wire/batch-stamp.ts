import { batchAttribute, batchField } from './batch-header.ts'
import { crc32c } from './primitives/crc32c.ts'
import { writeInt64 } from './primitives/int64.ts'

/**
 * Puts a broker's offset into an encoded batch, in place. Offset and leader epoch lie outside the
 * checksum for this purpose.
 */
export function stampOffset(batch: Buffer, baseOffset: number, leaderEpoch = 0): void {
  writeInt64(batch, baseOffset, batchField.baseOffset)
  batch.writeInt32BE(leaderEpoch, batchField.partitionLeaderEpoch)
}

/** Gives all records of an encoded batch the broker's time, in place (`message.timestamp.type=LogAppendTime`). */
export function stampAppendTime(batch: Buffer, appendTimeMs: number): void {
  const attributes = batch.readInt16BE(batchField.attributes)
  batch.writeInt16BE(attributes | batchAttribute.logAppendTime, batchField.attributes)
  writeInt64(batch, appendTimeMs, batchField.maxTimestamp)
  batch.writeInt32BE(crc32c(batch, batchField.attributes, batch.length), batchField.crc)
}

/**
 * Gives an encoded batch another producer epoch and sequence, in place: after an epoch bump what
 * was not appended is sent again under the new epoch, from sequence 0 (KIP-360).
 */
export function restamp(
  batch: Buffer,
  stamp: {
    readonly producerId: number
    readonly producerEpoch: number
    readonly baseSequence: number
  },
): void {
  writeInt64(batch, stamp.producerId, batchField.producerId)
  batch.writeInt16BE(stamp.producerEpoch, batchField.producerEpoch)
  batch.writeInt32BE(stamp.baseSequence, batchField.baseSequence)
  batch.writeInt32BE(crc32c(batch, batchField.attributes, batch.length), batchField.crc)
}
