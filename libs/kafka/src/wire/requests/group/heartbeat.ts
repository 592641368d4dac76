import type { MemberIdentity } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * Heartbeat v3.
 *
 *   request: groupId string · generation int32 · memberId string · groupInstanceId nullable string
 *   answer:  throttleTimeMs int32 · errorCode int16
 */
export const heartbeat: KafkaRequest<MemberIdentity, { errorCode: number }> = {
  apiKey: 12,
  apiName: 'Heartbeat',
  apiVersion: 3,
  isFlexible: false,
  encode(encoder, member) {
    encoder
      .string(member.groupId)
      .int32(member.generation)
      .string(member.memberId)
      .string(member.groupInstanceId)
  },
  decode(decoder) {
    decoder.throttleTime()
    return { errorCode: decoder.int16() }
  },
}
