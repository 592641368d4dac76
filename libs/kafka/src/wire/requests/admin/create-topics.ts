import type { CreateTopicRequest, TopicError } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

interface CreateTopicsRequest {
  readonly topics: readonly CreateTopicRequest[]
  readonly timeoutMs: number
}

/**
 * CreateTopics v4, which brought the broker's default replication factor, -1 (KIP-464).
 *
 *   request: topics [name string · partitionCount int32 · replicationFactor int16
 *              assignments [partition int32 · brokers [int32]]
 *              configs [name string · value nullable string]]
 *            timeoutMs int32 · validateOnly bool
 *   answer:  throttleTimeMs int32 · topics [name string · errorCode int16 · message nullable string]
 */
export const createTopics: KafkaRequest<CreateTopicsRequest, readonly TopicError[]> = {
  apiKey: 19,
  apiName: 'CreateTopics',
  apiVersion: 4,
  isFlexible: false,
  encode(encoder, { topics, timeoutMs }) {
    encoder.array(topics, ({ topic, partitionCount, replicationFactor, configs }) => {
      encoder.string(topic).int32(partitionCount).int16(replicationFactor)
      encoder.array([], () => {})
      encoder.array(Object.entries(configs), ([name, value]) => encoder.string(name).string(value))
    })
    encoder.int32(timeoutMs).boolean(false)
  },
  decode(decoder) {
    decoder.throttleTime()
    return decoder.array(() => ({
      topic: decoder.string(),
      errorCode: decoder.int16(),
      message: decoder.nullableString(),
    }))
  },
}
