import type { ProduceAnswer, ProduceRequest } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

/**
 * Produce v8, acknowledged by all in-sync replicas.
 *
 *   request: transactionalId nullable string · acks int16 · timeoutMs int32
 *            topics [name string · partitions [partition int32 · records bytes]]
 *   answer:  topics [name string · partitions [partition int32 · errorCode int16
 *              baseOffset int64 · logAppendTimeMs int64 · logStartOffset int64
 *              recordErrors [batchIndex int32 · message nullable string]
 *              errorMessage nullable string]]
 *            throttleTimeMs int32
 */
export const produce: KafkaRequest<ProduceRequest, readonly ProduceAnswer[]> = {
  apiKey: 0,
  apiName: 'Produce',
  apiVersion: 8,
  isFlexible: false,
  encode(encoder, request) {
    encoder.string(request.transactionalId).int16(-1).int32(request.timeoutMs)
    encoder.array(byTopic(request.batches), ([topic, batches]) => {
      encoder.string(topic)
      encoder.array(batches, ({ partition, batch }) => encoder.int32(partition).bytesField(batch))
    })
  },
  decode(decoder) {
    const topics = decoder.array(() => {
      const topic = decoder.string()
      return decoder.array(() => {
        const answer = {
          topic,
          partition: decoder.int32(),
          errorCode: decoder.int16(),
          baseOffset: decoder.int64(),
          logAppendTimeMs: decoder.int64(),
          logStartOffset: decoder.int64(),
          refusedRecords: decoder.array(() => {
            const place = decoder.int32()
            decoder.nullableString()
            return place
          }),
        }
        decoder.nullableString()
        return answer
      })
    })
    decoder.throttleTime()
    return topics.flat()
  },
}
