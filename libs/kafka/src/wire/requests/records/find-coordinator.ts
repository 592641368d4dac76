import type { KafkaRequest } from '../kafka-request.ts'

interface FindCoordinatorRequest {
  readonly kind: 'group' | 'transaction'
  readonly key: string
}

interface FindCoordinatorAnswer {
  readonly errorCode: number
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

/**
 * FindCoordinator v2.
 *
 *   request: key string · keyType int8 (0 group, 1 transaction)
 *   answer:  throttleTimeMs int32 · errorCode int16 · errorMessage nullable string
 *            nodeId int32 · host string · port int32
 */
export const findCoordinator: KafkaRequest<FindCoordinatorRequest, FindCoordinatorAnswer> = {
  apiKey: 10,
  apiName: 'FindCoordinator',
  apiVersion: 2,
  isFlexible: false,
  encode(encoder, request) {
    encoder.string(request.key).int8(request.kind === 'group' ? 0 : 1)
  },
  decode(decoder) {
    decoder.throttleTime()
    const errorCode = decoder.int16()
    decoder.nullableString()
    return { errorCode, nodeId: decoder.int32(), host: decoder.string(), port: decoder.int32() }
  },
}
