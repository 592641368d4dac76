import type { KafkaRequest } from '../kafka-request.ts'

interface CreatePartitionsRequest {
  readonly topic: string
  readonly partitionCount: number
  readonly timeoutMs: number
}

/**
 * CreatePartitions v1, for one topic; the count is the new total.
 *
 *   request: topics [name string · count int32 · assignments nullable [brokers [int32]]]
 *            timeoutMs int32 · validateOnly bool
 *   answer:  throttleTimeMs int32 · topics [name string · errorCode int16 · message nullable string]
 */
export const createPartitions: KafkaRequest<
  CreatePartitionsRequest,
  { errorCode: number; message: string | null }
> = {
  apiKey: 37,
  apiName: 'CreatePartitions',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, request) {
    encoder.array([request], ({ topic, partitionCount }) => {
      encoder
        .string(topic)
        .int32(partitionCount)
        .array(null, () => {})
    })
    encoder.int32(request.timeoutMs).boolean(false)
  },
  decode(decoder) {
    decoder.throttleTime()
    const topics = decoder.array(() => {
      decoder.string()
      return { errorCode: decoder.int16(), message: decoder.nullableString() }
    })
    return topics[0] ?? { errorCode: 0, message: null }
  },
}
