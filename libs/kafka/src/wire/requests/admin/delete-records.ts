import type { TopicPartition } from '@millrace/record'
import type { PartitionError } from '../../../ports/transport.ts'
import { byTopic, type KafkaRequest } from '../kafka-request.ts'

interface DeleteRecordsRequest {
  readonly before: readonly (TopicPartition & { readonly offset: number })[]
  readonly timeoutMs: number
}

/**
 * DeleteRecords v0.
 *
 *   request: topics [name string · partitions [partition int32 · offset int64]] · timeoutMs int32
 *   answer:  throttleTimeMs int32
 *            topics [name string · partitions [partition int32 · lowWatermark int64 · errorCode int16]]
 */
export const deleteRecords: KafkaRequest<DeleteRecordsRequest, readonly PartitionError[]> = {
  apiKey: 21,
  apiName: 'DeleteRecords',
  apiVersion: 0,
  isFlexible: false,
  encode(encoder, { before, timeoutMs }) {
    encoder.array(byTopic(before), ([topic, partitions]) => {
      encoder.string(topic)
      encoder.array(partitions, ({ partition, offset }) => encoder.int32(partition).int64(offset))
    })
    encoder.int32(timeoutMs)
  },
  decode(decoder) {
    decoder.throttleTime()
    const topics = decoder.array(() => {
      const topic = decoder.string()
      return decoder.array(() => {
        const partition = decoder.int32()
        decoder.int64()
        return { topic, partition, errorCode: decoder.int16() }
      })
    })
    return topics.flat()
  },
}
