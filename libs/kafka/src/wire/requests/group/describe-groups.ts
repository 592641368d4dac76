import type { KafkaRequest } from '../kafka-request.ts'

interface DescribeGroupAnswer {
  readonly errorCode: number
  /** E.g. `Stable`, `Empty`, `Dead`; empty with an error. */
  readonly state: string
  readonly memberCount: number
}

/**
 * DescribeGroups v1, for one group.
 *
 *   request: groups [string]
 *   answer:  throttleTimeMs int32
 *            groups [errorCode int16 · groupId string · state string · protocolType string
 *              protocol string · members [memberId string · clientId string · clientHost string
 *                metadata bytes · assignment bytes]]
 */
export const describeGroups: KafkaRequest<string, DescribeGroupAnswer> = {
  apiKey: 15,
  apiName: 'DescribeGroups',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, groupId) {
    encoder.array([groupId], (id) => encoder.string(id))
  },
  decode(decoder) {
    decoder.throttleTime()
    const groups = decoder.array(() => {
      const errorCode = decoder.int16()
      decoder.string()
      const state = decoder.string()
      decoder.string()
      decoder.string()
      const members = decoder.array(() => {
        for (let i = 0; i < 3; i++) decoder.string()
        decoder.bytes()
        decoder.bytes()
      })
      return { errorCode, state, memberCount: members.length }
    })
    return groups[0] ?? { errorCode: 0, state: 'Dead', memberCount: 0 }
  },
}
