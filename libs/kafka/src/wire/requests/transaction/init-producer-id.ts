import type { InitProducerIdAnswer, InitProducerIdRequest } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * InitProducerId v3 (flexible), which brought the epoch bump (KIP-360).
 *
 *   request: transactionalId compact nullable string · transactionTimeoutMs int32
 *            producerId int64 · producerEpoch int16 · tags
 *   answer:  throttleTimeMs int32 · errorCode int16 · producerId int64 · producerEpoch int16 · tags
 */
export const initProducerId: KafkaRequest<InitProducerIdRequest, InitProducerIdAnswer> = {
  apiKey: 22,
  apiName: 'InitProducerId',
  apiVersion: 3,
  isFlexible: true,
  encode(encoder, request) {
    encoder.compactString(request.transactionalId).int32(request.transactionTimeoutMs)
    encoder.int64(request.producerId).int16(request.producerEpoch).noTags()
  },
  decode(decoder) {
    decoder.throttleTime()
    return {
      errorCode: decoder.int16(),
      producerId: decoder.int64(),
      producerEpoch: decoder.int16(),
    }
  },
}
