import type { OffsetCommitRequest, PartitionError } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'
import { decodePartitionErrors } from '../partition-errors.ts'

/**
 * OffsetCommit v7, which brought the group instance id (KIP-345). Generation -1 and an empty
 * member id commit for a group without members.
 *
 *   request: groupId string · generation int32 · memberId string · groupInstanceId nullable string
 *            topics [name string · partitions [partition int32 · offset int64
 *              leaderEpoch int32 · metadata nullable string]]
 *   answer:  throttleTimeMs int32
 *            topics [name string · partitions [partition int32 · errorCode int16]]
 */
export const offsetCommit: KafkaRequest<OffsetCommitRequest, readonly PartitionError[]> = {
  apiKey: 8,
  apiName: 'OffsetCommit',
  apiVersion: 7,
  isFlexible: false,
  encode(encoder, request) {
    encoder
      .string(request.groupId)
      .int32(request.generation)
      .string(request.memberId)
      .string(request.groupInstanceId)
    encoder.array(byTopic(request.offsets), ([topic, offsets]) => {
      encoder.string(topic)
      encoder.array(offsets, ({ partition, offset, metadata = '' }) =>
        encoder.int32(partition).int64(offset).int32(-1).string(metadata),
      )
    })
  },
  decode: decodePartitionErrors,
}
