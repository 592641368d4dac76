import type { ListOffsetsAnswer, ListOffsetsRequest } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

/**
 * ListOffsets v3. Timestamp -1 asks for the latest offset, -2 for the earliest.
 *
 *   request: replicaId int32 (-1) · isolation int8
 *            topics [name string · partitions [partition int32 · timestamp int64]]
 *   answer:  throttleTimeMs int32
 *            topics [name string · partitions [partition int32 · errorCode int16
 *              timestamp int64 · offset int64]]
 */
export const listOffsets: KafkaRequest<ListOffsetsRequest, readonly ListOffsetsAnswer[]> = {
  apiKey: 2,
  apiName: 'ListOffsets',
  apiVersion: 3,
  isFlexible: false,
  encode(encoder, request) {
    encoder.int32(-1).int8(request.isolation === 'read_committed' ? 1 : 0)
    encoder.array(byTopic(request.partitions), ([topic, partitions]) => {
      encoder.string(topic)
      encoder.array(partitions, ({ partition, timestampMs }) =>
        encoder.int32(partition).int64(timestampMs),
      )
    })
  },
  decode(decoder) {
    decoder.throttleTime()
    const topics = decoder.array(() => {
      const topic = decoder.string()
      return decoder.array(() => ({
        topic,
        partition: decoder.int32(),
        errorCode: decoder.int16(),
        timestampMs: decoder.int64(),
        offset: decoder.int64(),
      }))
    })
    return topics.flat()
  },
}
