import type { MemberIdentity } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * LeaveGroup v3, for one member.
 *
 *   request: groupId string · members [memberId string · groupInstanceId nullable string]
 *   answer:  throttleTimeMs int32 · errorCode int16
 *            members [memberId string · groupInstanceId nullable string · errorCode int16]
 */
export const leaveGroup: KafkaRequest<MemberIdentity, { errorCode: number }> = {
  apiKey: 13,
  apiName: 'LeaveGroup',
  apiVersion: 3,
  isFlexible: false,
  encode(encoder, member) {
    encoder.string(member.groupId)
    encoder.array([member], ({ memberId, groupInstanceId }) =>
      encoder.string(memberId).string(groupInstanceId),
    )
  },
  decode(decoder) {
    decoder.throttleTime()
    const errorCode = decoder.int16()
    const members = decoder.array(() => {
      decoder.string()
      decoder.nullableString()
      return decoder.int16()
    })
    return { errorCode: errorCode !== 0 ? errorCode : (members[0] ?? 0) }
  },
}
