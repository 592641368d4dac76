import type { SyncGroupRequest } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * SyncGroup v3.
 *
 *   request: groupId string · generation int32 · memberId string · groupInstanceId nullable string
 *            assignments [memberId string · assignment bytes]
 *   answer:  throttleTimeMs int32 · errorCode int16 · assignment bytes
 */
export const syncGroup: KafkaRequest<SyncGroupRequest, { errorCode: number; assignment: Buffer }> =
  {
    apiKey: 14,
    apiName: 'SyncGroup',
    apiVersion: 3,
    isFlexible: false,
    encode(encoder, request) {
      encoder
        .string(request.groupId)
        .int32(request.generation)
        .string(request.memberId)
        .string(request.groupInstanceId)
      encoder.array(request.assignments, ({ memberId, assignment }) =>
        encoder.string(memberId).bytesField(assignment),
      )
    },
    decode(decoder) {
      decoder.throttleTime()
      return { errorCode: decoder.int16(), assignment: decoder.bytes() }
    },
  }
