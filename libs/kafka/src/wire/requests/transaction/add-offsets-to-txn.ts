import type { TxnIdentity } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * AddOffsetsToTxn v1.
 *
 *   request: transactionalId string · producerId int64 · producerEpoch int16 · groupId string
 *   answer:  throttleTimeMs int32 · errorCode int16
 */
export const addOffsetsToTxn: KafkaRequest<
  TxnIdentity & { readonly groupId: string },
  { errorCode: number }
> = {
  apiKey: 25,
  apiName: 'AddOffsetsToTxn',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, request) {
    encoder.string(request.transactionalId).int64(request.producerId).int16(request.producerEpoch)
    encoder.string(request.groupId)
  },
  decode(decoder) {
    decoder.throttleTime()
    return { errorCode: decoder.int16() }
  },
}
