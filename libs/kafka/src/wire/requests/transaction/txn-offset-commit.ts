import type { PartitionError, TxnOffsetCommitRequest } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

/**
 * TxnOffsetCommit v3 (flexible), which brought the member's identity (KIP-447).
 *
 *   request: transactionalId compact string · groupId compact string · producerId int64
 *            producerEpoch int16 · generation int32 · memberId compact string
 *            groupInstanceId compact nullable string
 *            topics compact [name compact string · partitions compact [partition int32
 *              offset int64 · leaderEpoch int32 · metadata compact nullable string · tags] · tags]
 *            tags
 *   answer:  throttleTimeMs int32
 *            topics compact [name compact string
 *              partitions compact [partition int32 · errorCode int16 · tags] · tags] · tags
 */
export const txnOffsetCommit: KafkaRequest<TxnOffsetCommitRequest, readonly PartitionError[]> = {
  apiKey: 28,
  apiName: 'TxnOffsetCommit',
  apiVersion: 3,
  isFlexible: true,
  encode(encoder, request) {
    encoder.compactString(request.transactionalId).compactString(request.groupId)
    encoder.int64(request.producerId).int16(request.producerEpoch)
    encoder
      .int32(request.generation)
      .compactString(request.memberId)
      .compactString(request.groupInstanceId)
    encoder.compactArray(byTopic(request.offsets), ([topic, offsets]) => {
      encoder.compactString(topic)
      encoder.compactArray(offsets, ({ partition, offset, metadata = '' }) => {
        encoder.int32(partition).int64(offset).int32(-1).compactString(metadata).noTags()
      })
      encoder.noTags()
    })
    encoder.noTags()
  },
  decode(decoder) {
    decoder.throttleTime()
    const topics = decoder.compactArray(() => {
      const topic = decoder.compactString()
      const partitions = decoder.compactArray(() => {
        const partition = { topic, partition: decoder.int32(), errorCode: decoder.int16() }
        decoder.tags()
        return partition
      })
      decoder.tags()
      return partitions
    })
    return topics.flat()
  },
}
