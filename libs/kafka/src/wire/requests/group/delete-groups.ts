import type { KafkaRequest } from '../kafka-request.ts'

/**
 * DeleteGroups v1, for one group.
 *
 *   request: groups [string]
 *   answer:  throttleTimeMs int32 · groups [groupId string · errorCode int16]
 */
export const deleteGroups: KafkaRequest<string, { errorCode: number }> = {
  apiKey: 42,
  apiName: 'DeleteGroups',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, groupId) {
    encoder.array([groupId], (id) => encoder.string(id))
  },
  decode(decoder) {
    decoder.throttleTime()
    const groups = decoder.array(() => {
      decoder.string()
      return { errorCode: decoder.int16() }
    })
    return groups[0] ?? { errorCode: 0 }
  },
}
