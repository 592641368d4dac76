import type { AddPartitionsToTxnRequest, PartitionError } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'
import { decodePartitionErrors } from '../partition-errors.ts'

/**
 * AddPartitionsToTxn v1.
 *
 *   request: transactionalId string · producerId int64 · producerEpoch int16
 *            topics [name string · partitions [int32]]
 *   answer:  throttleTimeMs int32
 *            topics [name string · partitions [partition int32 · errorCode int16]]
 */
export const addPartitionsToTxn: KafkaRequest<
  AddPartitionsToTxnRequest,
  readonly PartitionError[]
> = {
  apiKey: 24,
  apiName: 'AddPartitionsToTxn',
  apiVersion: 1,
  isFlexible: false,
  encode(encoder, request) {
    encoder.string(request.transactionalId).int64(request.producerId).int16(request.producerEpoch)
    encoder.array(byTopic(request.partitions), ([topic, partitions]) => {
      encoder.string(topic).array(partitions, ({ partition }) => encoder.int32(partition))
    })
  },
  decode: decodePartitionErrors,
}
