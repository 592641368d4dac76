import type { TxnIdentity } from '../../../ports/transport.ts'
import type { KafkaRequest } from '../kafka-request.ts'

/**
 * EndTxn v1.
 *
 *   request: transactionalId string · producerId int64 · producerEpoch int16 · committed bool
 *   answer:  throttleTimeMs int32 · errorCode int16
 */
export const endTxn: KafkaRequest<
  TxnIdentity & { readonly isCommit: boolean },
  { errorCode: number }
> = {
  apiKey: 26,
  apiName: 'EndTxn',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, request) {
    encoder.string(request.transactionalId).int64(request.producerId).int16(request.producerEpoch)
    encoder.boolean(request.isCommit)
  },
  decode(decoder) {
    decoder.throttleTime()
    return { errorCode: decoder.int16() }
  },
}
