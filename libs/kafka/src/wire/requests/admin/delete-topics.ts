import type { TopicError } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

interface DeleteTopicsRequest {
  readonly topics: readonly string[]
  readonly timeoutMs: number
}

/**
 * DeleteTopics v1.
 *
 *   request: topics [string] · timeoutMs int32
 *   answer:  throttleTimeMs int32 · topics [name string · errorCode int16]
 */
export const deleteTopics: KafkaRequest<DeleteTopicsRequest, readonly TopicError[]> = {
  apiKey: 20,
  apiName: 'DeleteTopics',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, { topics, timeoutMs }) {
    encoder.array(topics, (topic) => encoder.string(topic)).int32(timeoutMs)
  },
  decode(decoder) {
    decoder.throttleTime()
    return decoder.array(() => ({
      topic: decoder.string(),
      errorCode: decoder.int16(),
      message: null,
    }))
  },
}
