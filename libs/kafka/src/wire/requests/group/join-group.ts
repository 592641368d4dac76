import type { JoinGroupAnswer, JoinGroupRequest } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * JoinGroup v5, which brought the group instance id (KIP-345).
 *
 *   request: groupId string · sessionTimeoutMs int32 · rebalanceTimeoutMs int32 · memberId string
 *            groupInstanceId nullable string · protocolType string
 *            protocols [name string · metadata bytes]
 *   answer:  throttleTimeMs int32 · errorCode int16 · generation int32 · protocolName string
 *            leaderId string · memberId string
 *            members [memberId string · groupInstanceId nullable string · metadata bytes]
 */
export const joinGroup: KafkaRequest<JoinGroupRequest, JoinGroupAnswer> = {
  apiKey: 11,
  apiName: 'JoinGroup',
  apiVersion: 5,
  isFlexible: false,
  encode(encoder, request) {
    encoder
      .string(request.groupId)
      .int32(request.sessionTimeoutMs)
      .int32(request.rebalanceTimeoutMs)
    encoder.string(request.memberId).string(request.groupInstanceId).string(request.protocolType)
    encoder.array(request.protocols, ({ name, metadata }) =>
      encoder.string(name).bytesField(metadata),
    )
  },
  decode(decoder) {
    decoder.throttleTime()
    return {
      errorCode: decoder.int16(),
      generation: decoder.int32(),
      protocolName: decoder.string(),
      leaderId: decoder.string(),
      memberId: decoder.string(),
      members: decoder.array(() => ({
        memberId: decoder.string(),
        groupInstanceId: decoder.nullableString(),
        metadata: decoder.bytes(),
      })),
    }
  },
}
