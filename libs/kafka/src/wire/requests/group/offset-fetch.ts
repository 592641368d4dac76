import type { OffsetFetchAnswer, OffsetFetchRequest } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

/**
 * OffsetFetch v7 (flexible), which brought `requireStable` (KIP-447).
 *
 *   request: groupId compact string
 *            topics compact [name compact string · partitions compact [int32] · tags]
 *            requireStable bool · tags
 *   answer:  throttleTimeMs int32
 *            topics compact [name compact string · partitions compact [partition int32
 *              offset int64 · leaderEpoch int32 · metadata compact nullable string
 *              errorCode int16 · tags] · tags]
 *            errorCode int16 · tags
 */
export const offsetFetch: KafkaRequest<OffsetFetchRequest, OffsetFetchAnswer> = {
  apiKey: 9,
  apiName: 'OffsetFetch',
  apiVersion: 7,
  isFlexible: true,
  encode(encoder, request) {
    encoder.compactString(request.groupId)
    encoder.compactArray(byTopic(request.partitions), ([topic, partitions]) => {
      encoder.compactString(topic)
      encoder.compactArray(partitions, ({ partition }) => encoder.int32(partition)).noTags()
    })
    encoder.boolean(request.requireStable).noTags()
  },
  decode(decoder) {
    decoder.throttleTime()
    const topics = decoder.compactArray(() => {
      const topic = decoder.compactString()
      const partitions = decoder.compactArray(() => {
        const partition = decoder.int32()
        const offset = decoder.int64()
        decoder.int32()
        const metadata = decoder.compactNullableString() || undefined
        const errorCode = decoder.int16()
        decoder.tags()
        return { topic, partition, offset, metadata, errorCode }
      })
      decoder.tags()
      return partitions
    })
    return { errorCode: decoder.int16(), partitions: topics.flat() }
  },
}
